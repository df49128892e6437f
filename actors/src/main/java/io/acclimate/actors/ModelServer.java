package io.acclimate.actors;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.DispatcherSelector;
import akka.actor.typed.MailboxSelector;
import akka.actor.typed.PostStop;
import akka.actor.typed.PreRestart;
import akka.actor.typed.Props;
import akka.actor.typed.SupervisorStrategy;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import io.acclimate.runtime.ModelRunner;
import io.acclimate.runtime.Tensor;
import java.util.Map;

/**
 * Runs the frozen model for all streams, one call after another on a thread of its own.
 *
 * <p>Its mailbox is the queue. It is bounded by the runtime's capacity: a batch gets a permit
 * before it enters the runtime and gives it back with its answer, so the mailbox cannot overflow.
 */
final class ModelServer extends AbstractBehavior<ModelServer.Infer> {
  /** Asks for one forward pass. */
  record Infer(Request request, ActorRef<StreamAgent.Command> replyTo) {}

  private final ServedModel model;
  private final ModelRunner runner;

  static Behavior<Infer> create(ServedModel model) {
    Behavior<Infer> server = Behaviors.setup(context -> new ModelServer(context, model));
    return Behaviors.supervise(server).onFailure(SupervisorStrategy.restart());
  }

  static Props props(int capacity) {
    return DispatcherSelector.fromConfig("inference-dispatcher")
        .withNext(MailboxSelector.bounded(capacity));
  }

  private ModelServer(ActorContext<Infer> context, ServedModel model) {
    super(context);
    this.model = model;
    this.runner = model.newRunner();
  }

  @Override
  public Receive<Infer> createReceive() {
    return newReceiveBuilder()
        .onMessage(Infer.class, this::onInfer)
        .onSignal(PostStop.class, signal -> release())
        .onSignal(PreRestart.class, signal -> release())
        .build();
  }

  private Behavior<Infer> onInfer(Infer message) {
    Request request = message.request();
    try {
      long start = System.nanoTime();
      Map<String, Tensor> outputs = runner.run(request.input());
      ModelOutput output = model.copy(request.size(), outputs, start, System.nanoTime());
      message.replyTo().tell(new StreamAgent.Inferred(request, output));
    } catch (RuntimeException e) {
      message.replyTo().tell(new StreamAgent.Failed(request, e));
    }
    return this;
  }

  private Behavior<Infer> release() {
    runner.close();
    return this;
  }
}

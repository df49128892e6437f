package io.acclimate.actors;

import akka.actor.typed.Behavior;
import akka.actor.typed.PostStop;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import java.util.concurrent.CompletableFuture;

/**
 * What is left of a stream whose agent has failed too often in a row: it refuses everything with
 * the one reason, until the stream is closed. Its state stays what the journal has of it.
 */
final class StoppedStream extends AbstractBehavior<StreamCommand> {
  private final StreamSetup setup;

  StoppedStream(ActorContext<StreamCommand> context, StreamSetup setup) {
    super(context);
    this.setup = setup;
    setup.lost().set(null);
    String reason = setup.restarts().refusal(setup.id()).getMessage();
    setup.monitor().noteError(reason);
    context.getLog().error(reason);
  }

  @Override
  public Receive<StreamCommand> createReceive() {
    return newReceiveBuilder()
        .onMessage(StreamCommand.OfBatch.class, this::onBatch)
        .onMessage(StreamCommand.Stop.class, this::onStop)
        .onMessage(StreamCommand.Save.class, message -> nothingToDo(message.done()))
        .onMessage(StreamCommand.Passivate.class, message -> nothingToDo(message.done()))
        .onMessage(StreamCommand.Asked.class, this::onAsked)
        .onSignal(PostStop.class, signal -> release())
        .build();
  }

  private Behavior<StreamCommand> onBatch(StreamCommand.OfBatch message) {
    setup.refuse(message.request(), setup.restarts().refusal(setup.id()));
    return this;
  }

  private Behavior<StreamCommand> onAsked(StreamCommand.Asked message) {
    message.done().completeExceptionally(setup.restarts().refusal(setup.id()));
    return this;
  }

  private Behavior<StreamCommand> nothingToDo(CompletableFuture<Void> done) {
    done.complete(null);
    return this;
  }

  private Behavior<StreamCommand> onStop(StreamCommand.Stop message) {
    setup.recorder().closed();
    message.done().complete(null);
    setup.listeners().tell(listener -> listener.closed(setup.id()));
    return Behaviors.stopped();
  }

  private Behavior<StreamCommand> release() {
    setup.store().ifPresent(StreamStore::clear);
    return this;
  }
}

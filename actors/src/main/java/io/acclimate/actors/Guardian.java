package io.acclimate.actors;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.MailboxSelector;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import io.acclimate.tta.Adaptation;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** The top of the actor system: owns the model server and starts an agent for each stream. */
final class Guardian extends AbstractBehavior<Guardian.OpenStream> {
  /** Room in a mailbox beyond the batches under way, for resets and the like. */
  private static final int MAILBOX_MARGIN = 64;

  /** Starts an agent. */
  record OpenStream(
      String id,
      String method,
      Supplier<Adaptation> adaptation,
      StreamCounters counters,
      StreamRecorder recorder,
      CompletableFuture<ActorRef<StreamAgent.Command>> opened) {}

  private final ServedModel model;
  private final RuntimeSettings settings;
  private final ActorRef<ModelServer.Infer> server;

  static Behavior<OpenStream> create(
      ServedModel model, RuntimeSettings settings, Optional<RuntimeJournal> journal) {
    return Behaviors.setup(context -> new Guardian(context, model, settings, journal));
  }

  private Guardian(
      ActorContext<OpenStream> context,
      ServedModel model,
      RuntimeSettings settings,
      Optional<RuntimeJournal> journal) {
    super(context);
    journal.ifPresent(
        to ->
            to.port()
                .attach(
                    context.spawn(
                        JournalWriter.create(to), "journal-writer", JournalWriter.props())));
    this.model = model;
    this.settings = settings;
    this.server =
        context.spawn(
            ModelServer.create(model),
            "model-server",
            ModelServer.props(settings.capacity() + MAILBOX_MARGIN));
  }

  @Override
  public Receive<OpenStream> createReceive() {
    return newReceiveBuilder().onMessage(OpenStream.class, this::onOpenStream).build();
  }

  private Behavior<OpenStream> onOpenStream(OpenStream message) {
    StreamAgent.Setup setup =
        new StreamAgent.Setup(
            message.id(),
            message.method(),
            message.adaptation(),
            model,
            server,
            message.counters(),
            message.recorder());
    int mailbox = 2 * settings.streamCapacity() + MAILBOX_MARGIN;
    message
        .opened()
        .complete(
            getContext()
                .spawnAnonymous(StreamAgent.create(setup), MailboxSelector.bounded(mailbox)));
    return this;
  }
}

package io.acclimate.actors;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.MailboxSelector;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** The top of the actor system: owns the model server and starts an agent for each stream. */
final class Guardian extends AbstractBehavior<Guardian.OpenStream> {
  /** Room in a mailbox beyond what is counted: the runtime's own messages. */
  private static final int MAILBOX_MARGIN = 16;

  /** Starts an agent. */
  record OpenStream(
      Function<ActorRef<ModelServer.Command>, StreamSetup> setup,
      CompletableFuture<ActorRef<StreamCommand>> opened) {}

  private final RuntimeSettings settings;
  private final ActorRef<ModelServer.Command> server;

  static Behavior<OpenStream> create(
      ServedModel model,
      RuntimeSettings settings,
      Listeners listeners,
      Optional<RuntimeJournal> journal,
      Optional<AdapterServing> serving) {
    return Behaviors.setup(
        context -> new Guardian(context, model, settings, listeners, journal, serving));
  }

  private Guardian(
      ActorContext<OpenStream> context,
      ServedModel model,
      RuntimeSettings settings,
      Listeners listeners,
      Optional<RuntimeJournal> journal,
      Optional<AdapterServing> serving) {
    super(context);
    journal.ifPresent(
        to ->
            to.port()
                .attach(
                    context.spawn(
                        JournalWriter.create(to), "journal-writer", JournalWriter.props())));
    this.settings = settings;
    this.server =
        context.spawn(
            ModelServer.create(model, settings, listeners, serving),
            "model-server",
            ModelServer.props(settings.capacity() + MAILBOX_MARGIN));
  }

  @Override
  public Receive<OpenStream> createReceive() {
    return newReceiveBuilder().onMessage(OpenStream.class, this::onOpenStream).build();
  }

  private Behavior<OpenStream> onOpenStream(OpenStream message) {
    StreamSetup setup = message.setup().apply(server);
    int mailbox = 2 * settings.streamCapacity() + StreamIntake.MAX_COMMANDS + MAILBOX_MARGIN;
    message
        .opened()
        .complete(
            getContext()
                .spawnAnonymous(StreamAgent.create(setup), MailboxSelector.bounded(mailbox)));
    return this;
  }
}

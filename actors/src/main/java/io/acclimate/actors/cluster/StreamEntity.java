package io.acclimate.actors.cluster;

import akka.actor.typed.Behavior;
import akka.actor.typed.PostStop;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.StashBuffer;

/**
 * A stream where it lives: does what it is asked one by one, and puts the stream away at its end.
 */
final class StreamEntity {
  /** Calls that may wait; beyond it callers are told to ask again. */
  private static final int MAX_WAITING = 128;

  private final ActorContext<Command> context;
  private final StashBuffer<Command> waiting;
  private final NodeStream stream;

  /** What an entity understands. */
  sealed interface Command permits StreamCall, Answered, PutAway, Away {}

  /** A call is done. */
  record Answered(StreamCall call, StreamReply reply) implements Command {}

  /** The stream is to leave this node, or has been idle for long. */
  record PutAway() implements Command {}

  /** The stream is put away. */
  record Away() implements Command {}

  private StreamEntity(
      ActorContext<Command> context, StashBuffer<Command> waiting, NodeStream stream) {
    this.context = context;
    this.waiting = waiting;
    this.stream = stream;
  }

  static Behavior<Command> create(NodeStream stream) {
    return Behaviors.setup(
        context ->
            Behaviors.withStash(
                MAX_WAITING + 1, stash -> new StreamEntity(context, stash, stream).ready()));
  }

  private Behavior<Command> ready() {
    return Behaviors.receive(Command.class)
        .onMessage(StreamCall.class, this::begin)
        .onMessage(PutAway.class, message -> leave())
        .onSignal(PostStop.class, signal -> ended())
        .build();
  }

  private Behavior<Command> begin(StreamCall call) {
    context.pipeToSelf(
        stream.answer(call),
        (reply, error) ->
            new Answered(call, error == null ? reply : new StreamReply.Later(error.toString())));
    return Behaviors.receive(Command.class)
        .onMessage(StreamCall.class, this::await)
        .onMessage(PutAway.class, this::awaitPutAway)
        .onMessage(Answered.class, this::answered)
        .onSignal(PostStop.class, signal -> ended())
        .build();
  }

  private Behavior<Command> await(StreamCall call) {
    if (waiting.size() < MAX_WAITING) {
      waiting.stash(call);
    } else {
      call.replyTo().tell(new StreamReply.Later(MAX_WAITING + " calls wait, no more fit"));
    }
    return Behaviors.same();
  }

  private Behavior<Command> awaitPutAway(PutAway message) {
    if (!waiting.contains(message)) {
      waiting.stash(message);
    }
    return Behaviors.same();
  }

  private Behavior<Command> answered(Answered done) {
    done.call().replyTo().tell(done.reply());
    return waiting.unstashAll(ready());
  }

  private Behavior<Command> leave() {
    context.pipeToSelf(
        stream.putAway(),
        (done, error) -> {
          if (error != null) {
            context.getLog().error("a stream's state was not saved when it left", error);
          }
          return new Away();
        });
    return Behaviors.receive(Command.class)
        .onMessage(StreamCall.class, this::refuse)
        .onMessage(PutAway.class, message -> Behaviors.same())
        .onMessage(Away.class, message -> Behaviors.stopped())
        .onSignal(PostStop.class, signal -> ended())
        .build();
  }

  private Behavior<Command> refuse(StreamCall call) {
    call.replyTo().tell(new StreamReply.Later("the stream is leaving this node"));
    return Behaviors.same();
  }

  private Behavior<Command> ended() {
    stream.discard();
    return Behaviors.same();
  }
}

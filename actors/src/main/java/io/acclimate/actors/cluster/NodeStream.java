package io.acclimate.actors.cluster;

import com.typesafe.config.ConfigFactory;
import io.acclimate.actors.AdapterChoice;
import io.acclimate.actors.AdaptiveStream;
import io.acclimate.actors.FeedbackOutcome;
import io.acclimate.actors.OverCapacityException;
import io.acclimate.actors.Prediction;
import io.acclimate.actors.StoppedException;
import io.acclimate.actors.StreamStore;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.state.State;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/**
 * A stream of the cluster on the node where it lives: the node's {@link AdaptiveStream} and the
 * stream's record in the cluster's folder. What changes a stream is in the record before it is
 * answered, as far as {@code snapshot-every} says.
 *
 * <p>One call at a time: the next may begin when the stage of the one before is completed.
 */
final class NodeStream {
  private final ClusterNode node;
  private final String id;
  private final StreamStore store;
  private final String owner = UUID.randomUUID().toString();

  /** Null while the stream is not open. */
  private AdaptiveStream stream;

  private String method;
  private String settings;
  private long firstBatch;
  private boolean frozen;

  /** What somebody has chosen that the stream is served with; empty where nobody has. */
  private Optional<AdapterChoice> chosen = Optional.empty();

  private int unsaved;
  private KeptAnswers answers = new KeptAnswers();

  /** The latest call that has closed the stream, and its answer; null where none has. */
  private StreamCall closing;

  private StreamReply lastFigures;

  NodeStream(ClusterNode node, String id) {
    this.node = node;
    this.id = id;
    this.store = new StreamStore(node.settings().folder(), id);
  }

  /** Does what is asked; never fails. */
  CompletionStage<StreamReply> answer(StreamCall call) {
    CompletionStage<StreamReply> answer =
        call.work() == StreamCall.Work.CLOSE
            ? done(call)
            : opened(call).thenCompose(opened -> once(call));
    return answer.exceptionally(error -> refusal(error));
  }

  /** As it touches the disk, not on the thread of the caller. */
  private CompletionStage<StreamReply> closed(StreamCall call) {
    return CompletableFuture.supplyAsync(() -> close(call), node.io()).thenCompose(done -> done);
  }

  /**
   * Closes the stream and removes its record. One that is not open is not brought back for it: its
   * record may be damaged.
   */
  private CompletionStage<StreamReply> close(StreamCall call) {
    boolean again =
        closing != null
            && closing.caller().equals(call.caller())
            && closing.number() == call.number();
    if (again) {
      return CompletableFuture.completedFuture(lastFigures);
    }
    if (stream == null) {
      stream = node.runtime().stream(id, call.method(), ConfigFactory.parseString(call.settings()));
    } else {
      requireOwned();
    }
    AdaptiveStream ending = stream;
    stream = null;
    unsaved = 0;
    return node.runtime()
        .closeStream(id)
        .thenApplyAsync(
            ended -> {
              store.clear();
              closing = call;
              lastFigures = new StreamReply.Stats(ending.stats());
              return lastFigures;
            },
            node.io());
  }

  private static StreamReply refusal(Throwable error) {
    Throwable cause = error instanceof CompletionException ? error.getCause() : error;
    if (cause instanceof StoppedException) {
      return new StreamReply.Stopped(cause.getMessage());
    }
    boolean passes =
        cause instanceof IllegalStateException || cause instanceof OverCapacityException;
    return passes
        ? new StreamReply.Later(cause.getMessage())
        : new StreamReply.Failed(String.valueOf(cause.getMessage()));
  }

  private CompletionStage<Void> opened(StreamCall call) {
    if (stream == null) {
      return CompletableFuture.supplyAsync(() -> open(call), node.io())
          .thenCompose(this::resume)
          .whenComplete(
              (done, error) -> {
                if (error != null) {
                  discard();
                }
              });
    }
    if (!method.equals(call.method()) || !settings.equals(call.settings())) {
      return CompletableFuture.failedFuture(
          new AcclimateException(
              "stream %s: expected method %s with settings %s, as it was opened, found %s with %s"
                  .formatted(id, method, settings, call.method(), call.settings())));
    }
    return CompletableFuture.completedFuture(null);
  }

  private Optional<StreamRecord> open(StreamCall call) {
    Optional<StreamRecord> record = store.find().map(StreamRecord::read);
    method = call.method();
    settings = call.settings();
    stream = node.runtime().stream(id, method, ConfigFactory.parseString(settings));
    firstBatch = record.map(StreamRecord::nextBatch).orElse(0L);
    frozen = record.map(StreamRecord::frozen).orElse(false);
    chosen = record.flatMap(StreamRecord::adapter);
    answers = record.map(found -> node.fromBytes(found.answers())).orElseGet(KeptAnswers::new);
    return record;
  }

  /** Puts the stream into the state of its record, and says in the record whose it is now. */
  private CompletionStage<Void> resume(Optional<StreamRecord> record) {
    CompletionStage<Void> restored =
        record
            .map(found -> stream.restore(found.snapshot()))
            .orElseGet(() -> CompletableFuture.completedFuture(null));
    return restored
        .thenCompose(done -> frozen ? stream.freeze() : CompletableFuture.completedFuture(null))
        .thenCompose(
            done ->
                chosen
                    .map(stream::serveWith)
                    .orElseGet(() -> CompletableFuture.completedFuture(null)))
        .thenCompose(done -> save(false));
  }

  private CompletionStage<StreamReply> once(StreamCall call) {
    if (call.work().reads()) {
      return done(call).thenApply(this::sendable);
    }
    long last = answers.last(call.caller());
    if (call.number() == last) {
      return CompletableFuture.completedFuture(answers.reply(call.caller()));
    }
    if (call.number() < last) {
      return CompletableFuture.completedFuture(
          new StreamReply.Failed("stream %s: a later call is answered already".formatted(id)));
    }
    return done(call).thenCompose(reply -> kept(call, reply));
  }

  private CompletionStage<StreamReply> done(StreamCall call) {
    return switch (call.work()) {
      case PREDICT -> stream.predict(call.batch().tensor()).thenApply(this::predicted);
      case ADAPT -> adapt(call).thenApply(this::predicted);
      case FEEDBACK -> feedback(call).thenApply(StreamReply.Judged::new);
      case FREEZE -> stream.freeze().thenApply(done -> nowFrozen(true));
      case UNFREEZE -> stream.unfreeze().thenApply(done -> nowFrozen(false));
      case RESET -> stream.reset().thenApply(done -> here());
      case SERVE_WITH -> serveWith(AdapterChoice.parse(call.about()));
      case RESTORE -> stream.restore(call.batch().bytes()).thenApply(done -> here());
      case SNAPSHOT -> stream.snapshot().thenApply(StreamReply.Snapshot::new);
      case STATS -> stream.fetchStats().thenApply(StreamReply.Stats::new);
      case CLOSE -> closed(call);
      case LOCATE -> CompletableFuture.completedFuture(here());
    };
  }

  private CompletionStage<Prediction> adapt(StreamCall call) {
    return call.labels() == null
        ? stream.adapt(call.batch().tensor())
        : stream.adaptLabelled(call.batch().tensor(), call.labels());
  }

  /** The batches of a stream are numbered over all its nodes. */
  private StreamReply predicted(Prediction answer) {
    return StreamReply.Predicted.of(answer, firstBatch + answer.sequence());
  }

  private CompletionStage<FeedbackOutcome> feedback(StreamCall call) {
    long number = Prediction.sequence(id, call.about());
    if (number >= 0 && number < firstBatch) {
      return CompletableFuture.completedFuture(FeedbackOutcome.EXPIRED);
    }
    String local = number < 0 ? call.about() : Prediction.id(id, number - firstBatch);
    return stream.feedback(local, call.labels());
  }

  private CompletionStage<StreamReply> serveWith(AdapterChoice choice) {
    return stream
        .serveWith(choice)
        .thenApply(
            done -> {
              chosen = Optional.of(choice);
              return here();
            });
  }

  private StreamReply nowFrozen(boolean now) {
    frozen = now;
    return here();
  }

  private StreamReply here() {
    return new StreamReply.Done(node.address());
  }

  private CompletionStage<StreamReply> kept(StreamCall call, StreamReply reply) {
    answers.keep(call, reply);
    boolean saves =
        switch (call.work()) {
          case PREDICT, ADAPT -> ++unsaved >= node.settings().snapshotEvery();
          case FREEZE, UNFREEZE, RESET, SERVE_WITH, RESTORE -> true;
          case FEEDBACK, SNAPSHOT, STATS, LOCATE, CLOSE -> false;
        };
    return CompletableFuture.runAsync(() -> sendable(reply), Runnable::run)
        .thenCompose(done -> saves ? save(true) : CompletableFuture.completedFuture(null))
        .whenComplete(
            (done, error) -> {
              if (error != null) {
                discard();
              }
            })
        .thenApply(done -> reply);
  }

  /** Refuses an answer that is too large for a message. */
  private StreamReply sendable(StreamReply reply) {
    MessageSize.require(
        "stream " + id + ", answer", MessageSize.of(reply), node.settings().messageBytes());
    return reply;
  }

  /**
   * Writes the record.
   *
   * @param owned whether it is this incarnation's already; if then it is not, another has taken the
   *     stream over
   */
  private CompletionStage<Void> save(boolean owned) {
    return stream.snapshot().thenAcceptAsync(snapshot -> write(snapshot, owned), node.io());
  }

  private void write(byte[] snapshot, boolean owned) {
    if (owned) {
      requireOwned();
    }
    State record =
        StreamRecord.of(
            owner,
            firstBatch + stream.nextBatch(),
            frozen,
            chosen,
            snapshot,
            node.toBytes(answers));
    store.put(record);
    unsaved = 0;
  }

  private void requireOwned() {
    String found = store.find().map(state -> StreamRecord.read(state).owner()).orElse("nobody");
    if (!found.equals(owner)) {
      throw new IllegalStateException("stream " + id + " has been taken over by another node");
    }
  }

  /** Writes what is not in the record yet and closes the stream on this node. */
  CompletionStage<Void> putAway() {
    CompletionStage<Void> saved =
        stream == null || unsaved == 0 ? CompletableFuture.completedFuture(null) : save(true);
    return saved.whenComplete((done, error) -> discard());
  }

  /** Closes the stream on this node; its record stays, and the next call goes on from that. */
  void discard() {
    if (stream != null) {
      node.runtime().closeStream(id);
      stream = null;
      unsaved = 0;
    }
  }
}

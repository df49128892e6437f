package io.acclimate.actors;

import com.typesafe.config.ConfigFactory;
import io.acclimate.replay.codec.BodyReader;
import io.acclimate.replay.codec.JournalRecord;
import io.acclimate.replay.event.AdaptationStep;
import io.acclimate.replay.event.AdapterUsed;
import io.acclimate.replay.event.BatchObserved;
import io.acclimate.replay.event.FloatArray;
import io.acclimate.replay.event.JournalEvent;
import io.acclimate.replay.event.MethodReset;
import io.acclimate.replay.event.Predicted;
import io.acclimate.replay.event.SnapshotTaken;
import io.acclimate.replay.event.StateRestored;
import io.acclimate.replay.event.StreamClosed;
import io.acclimate.replay.event.StreamFrozen;
import io.acclimate.replay.event.StreamOpened;
import io.acclimate.replay.event.TaskBoundary;
import io.acclimate.replay.recovery.Recoverable;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.state.State;
import io.acclimate.tta.Adaptation;
import io.acclimate.tta.AdaptationFactory;
import io.acclimate.tta.OutputBatch;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The state of all streams, brought back from a journal: the same steps with the same outputs of
 * the model as when they were recorded. Not thread-safe; close it to free the methods of streams
 * that nobody has opened again.
 */
final class RuntimeState implements Recoverable, AutoCloseable {
  /** A stream while it is brought back. */
  private static final class Stream {
    private final StreamOpened opened;
    private final Adaptation adaptation;
    private long nextBatch;
    private int domains;
    private boolean frozen;
    private AdapterUse adapters = AdapterUse.NONE;
    private long sequence;

    /** The latest batch whose answer has not been seen yet; else null. */
    private BatchObserved observed;

    /** Whether the method looks at inputs; others are shown none. */
    private final boolean needsInput;

    Stream(StreamOpened opened, boolean needsInput, Adaptation adaptation) {
      this.opened = opened;
      this.needsInput = needsInput;
      this.adaptation = adaptation;
    }
  }

  /**
   * What a restored stream goes on from.
   *
   * @param adaptation null where the stream begins anew and only its numbers go on
   * @param answered whether the method may have learned from a batch
   */
  record Restored(
      Adaptation adaptation,
      long nextBatch,
      int domains,
      boolean frozen,
      AdapterUse adapters,
      boolean answered) {
    /** The same with later numbers. */
    Restored numberedFrom(long number) {
      return new Restored(adaptation, number, domains, frozen, adapters, answered);
    }

    boolean isNew() {
      return adaptation == null;
    }
  }

  private static final Logger LOG = LoggerFactory.getLogger(RuntimeState.class);

  private final ServedModel model;
  private final CorrectionBuffers buffers;
  private final Map<String, Stream> streams = new TreeMap<>();
  private long takenAt;
  private int compared;
  private boolean endsWithSnapshot;

  RuntimeState(ServedModel model) {
    this.model = model;
    this.buffers = new CorrectionBuffers(model);
  }

  /** The streams as they are. */
  List<StreamState> states() {
    return streams.values().stream().map(RuntimeState::saved).toList();
  }

  private static StreamState saved(Stream stream) {
    return new StreamState(
        stream.opened.stream(),
        stream.opened.method(),
        stream.opened.settings(),
        stream.opened.modelSha256(),
        stream.nextBatch,
        stream.domains,
        stream.frozen,
        stream.adapters,
        stream.sequence,
        State.of(stream.adaptation).toBytes());
  }

  /**
   * Whether the last record is that of a snapshot, as when a journal was closed in good order.
   * Answers may have been given after any other record, and be lost.
   */
  boolean endsWithSnapshot() {
    return endsWithSnapshot;
  }

  /** Lets a stream that is opened otherwise than it was begin anew; its numbers go on. */
  Optional<Restored> takeOver(StreamOpened wanted) {
    Stream found = streams.get(wanted.stream());
    if (found == null || found.opened.equals(wanted)) {
      return take(wanted);
    }
    LOG.warn(
        "stream {} begins anew with method {} {}: the journal has it with {} {}",
        wanted.stream(),
        wanted.method(),
        wanted.settings(),
        found.opened.method(),
        found.opened.settings());
    drop(found);
    return Optional.of(new Restored(null, found.nextBatch, 0, false, AdapterUse.NONE, false));
  }

  /**
   * Hands a stream over to whoever opens it again.
   *
   * @return empty when the journal knows no such open stream
   * @throws AcclimateException when it was another one
   */
  Optional<Restored> take(StreamOpened wanted) {
    Stream found = streams.get(wanted.stream());
    if (found == null) {
      return Optional.empty();
    }
    if (!found.opened.equals(wanted)) {
      throw new AcclimateException(
          "stream '%s': expected %s as in the journal, found %s"
              .formatted(wanted.stream(), found.opened, wanted));
    }
    streams.remove(wanted.stream());
    return Optional.of(
        new Restored(
            found.adaptation,
            found.nextBatch,
            found.domains,
            found.frozen,
            found.adapters,
            found.nextBatch > 0));
  }

  @Override
  public void apply(JournalRecord record) {
    JournalEvent event = record.event();
    endsWithSnapshot = event instanceof SnapshotTaken;
    if (event instanceof StreamOpened opened) {
      Stream known = streams.get(opened.stream());
      if (known == null || known.sequence <= record.sequence()) {
        drop(known);
        streams.put(opened.stream(), created(opened, record.sequence() + 1));
      }
    } else if (event instanceof BatchObserved batch) {
      find(batch.stream(), record).ifPresent(stream -> stream.observed = batch);
    } else if (event instanceof Predicted predicted) {
      find(predicted.stream(), record).ifPresent(stream -> answered(stream, predicted));
    } else if (event instanceof MethodReset reset) {
      find(reset.stream(), record).ifPresent(stream -> reset(stream, reset.reason()));
    } else if (event instanceof TaskBoundary boundary) {
      find(boundary.stream(), record).ifPresent(stream -> beginDomain(stream, boundary.task()));
    } else if (event instanceof StateRestored put) {
      find(put.stream(), record)
          .ifPresent(stream -> State.fromBytes(put.state()).restore(stream.adaptation));
    } else if (event instanceof StreamFrozen told) {
      find(told.stream(), record).ifPresent(stream -> stream.frozen = told.frozen());
    } else if (event instanceof AdapterUsed used) {
      find(used.stream(), record)
          .ifPresent(stream -> stream.adapters = new AdapterUse(used.chosen(), used.learned()));
    } else if (event instanceof AdaptationStep step) {
      find(step.stream(), record).ifPresent(stream -> checked(stream, step));
    } else if (event instanceof StreamClosed closed) {
      find(closed.stream(), record).ifPresent(this::drop);
    }
  }

  /** Forgets a stream, if there is one, and frees what its method holds. */
  private void drop(Stream stream) {
    if (stream != null) {
      streams.remove(stream.opened.stream());
      stream.adaptation.close();
    }
  }

  private Stream created(StreamOpened opened, long sequence) {
    if (!opened.modelSha256().equals(model.model().sha256())) {
      throw new AcclimateException(
          "stream '%s': expected model %s as in the journal, found %s"
              .formatted(opened.stream(), opened.modelSha256(), model.model().sha256()));
    }
    AdaptationFactory factory =
        AdaptationFactory.of(opened.method(), ConfigFactory.parseString(opened.settings()));
    Stream stream =
        new Stream(
            opened,
            factory.descriptor().runsModel(),
            factory.create(model.context(factory.descriptor(), opened.stream())));
    stream.sequence = sequence;
    return stream;
  }

  /** The stream that a record changes; empty when its state holds the record already. */
  private Optional<Stream> find(String id, JournalRecord record) {
    Stream stream = streams.get(id);
    if (stream == null && record.sequence() >= takenAt) {
      throw new AcclimateException(
          "record %d: expected an open stream, found '%s'".formatted(record.sequence(), id));
    }
    if (stream == null || record.sequence() < stream.sequence) {
      return Optional.empty();
    }
    stream.sequence = record.sequence() + 1;
    return Optional.of(stream);
  }

  /**
   * A batch counts once its answer is recorded too: a process that was killed between the two
   * records is asked for the batch again, and must not learn from it twice.
   */
  private void answered(Stream stream, Predicted predicted) {
    BatchObserved batch = stream.observed;
    stream.observed = null;
    if (batch != null && batch.batch() == predicted.batch()) {
      learn(stream, batch);
    }
    stream.nextBatch = predicted.batch() + 1;
  }

  private void learn(Stream stream, BatchObserved batch) {
    if (!batch.learned()) {
      return;
    }
    if (batch.logits().isEmpty() || batch.features().isEmpty()) {
      throw new AcclimateException(
          "stream '%s', batch %d: expected logits and features to replay, found none"
              .formatted(batch.stream(), batch.batch()));
    }
    ModelOutput output =
        ModelOutput.recorded(
            batch.size(), batch.logits().get().values(), batch.features().get().values());
    int[] labels = batch.labels().length == 0 ? null : batch.labels();
    Tensor input =
        batch.input().filter(i -> stream.needsInput).map(FloatArray::toTensor).orElse(null);
    if (stream.needsInput && input == null) {
      throw new AcclimateException(
          "stream '%s', batch %d: expected its input to replay method %s, found none (journal-settings.payload)"
              .formatted(batch.stream(), batch.batch(), stream.opened.method()));
    }
    OutputBatch loaded = buffers.load(output, input, labels);
    stream.adaptation.step(loaded, buffers.corrected());
    stream.adaptation.drainEvents();
  }

  private static void reset(Stream stream, String reason) {
    stream.adaptation.reset(reason);
    stream.adapters = stream.adapters.withLearned("");
  }

  private static void beginDomain(Stream stream, int domains) {
    if (!stream.frozen) {
      stream.adaptation.beginDomain();
    }
    stream.domains = domains;
  }

  private void checked(Stream stream, AdaptationStep step) {
    // of a stream that has begun anew no answer may have told its number yet
    stream.nextBatch = Math.max(stream.nextBatch, step.step());
    String found = State.of(stream.adaptation).sha256();
    if (!step.stateHash().isEmpty() && !found.equals(step.stateHash())) {
      throw new AcclimateException(
          "stream '%s' before batch %d: expected state %s, found %s"
              .formatted(step.stream(), step.step(), step.stateHash(), found));
    }
    compared++;
  }

  /** How many states were compared with the hash that was noted of them. */
  int compared() {
    return compared;
  }

  @Override
  public byte[] save() {
    return StreamState.writeAll(states(), takenAt);
  }

  @Override
  public String stateHash() {
    return StreamState.hash(states());
  }

  @Override
  public void restore(byte[] bytes) {
    BodyReader in = new BodyReader(bytes);
    long place = in.wholeNumber();
    Map<String, Stream> restored = new TreeMap<>();
    try {
      StreamState.readAll(in).forEach(state -> restore(state, restored));
    } catch (RuntimeException e) {
      closeAll(restored);
      throw e;
    }
    closeAll(streams);
    streams.putAll(restored);
    takenAt = place;
  }

  private void restore(StreamState state, Map<String, Stream> into) {
    Stream stream =
        created(
            new StreamOpened(state.id(), state.method(), state.settings(), state.modelSha256()),
            state.sequence());
    into.put(state.id(), stream);
    State.fromBytes(state.state()).restore(stream.adaptation);
    stream.nextBatch = state.nextBatch();
    stream.domains = state.domains();
    stream.frozen = state.frozen();
    stream.adapters = state.adapters();
  }

  private static void closeAll(Map<String, Stream> streams) {
    Closing closing = new Closing();
    streams.values().forEach(stream -> closing.attempt(stream.adaptation::close));
    streams.clear();
    closing.finish();
  }

  /** Frees what was brought back and not taken. */
  @Override
  public void close() {
    closeAll(streams);
  }
}

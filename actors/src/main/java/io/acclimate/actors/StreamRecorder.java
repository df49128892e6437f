package io.acclimate.actors;

import io.acclimate.replay.event.AdapterUsed;
import io.acclimate.replay.event.BatchObserved;
import io.acclimate.replay.event.FeedbackReceived;
import io.acclimate.replay.event.FloatArray;
import io.acclimate.replay.event.JournalEvent;
import io.acclimate.replay.event.MethodEvent;
import io.acclimate.replay.event.MethodReset;
import io.acclimate.replay.event.Predicted;
import io.acclimate.replay.event.StateRestored;
import io.acclimate.replay.event.StreamClosed;
import io.acclimate.replay.event.StreamFrozen;
import io.acclimate.replay.event.StreamOpened;
import io.acclimate.replay.event.TaskBoundary;
import io.acclimate.replay.journal.JournalSettings;
import io.acclimate.runtime.state.State;
import io.acclimate.runtime.text.Names;
import io.acclimate.tta.Adaptation;
import io.acclimate.tta.Passes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Tells the journal what happens in one stream, in order; does nothing where there is no journal.
 * It outlives restarts of the agent that uses it.
 */
final class StreamRecorder {
  private static final int[] NO_LABELS = {};

  private final Optional<RuntimeJournal> journal;
  private final StreamOpened stream;
  private final boolean needsInput;
  private long nextBatch;
  private int domains;
  private boolean frozen;
  private AdapterUse adapters = AdapterUse.NONE;

  /** Whether the method may have learned anything since it began. */
  private boolean learned;

  private boolean opened;
  private boolean begun;
  private CompletableFuture<Void> labels = CompletableFuture.completedFuture(null);

  StreamRecorder(
      Optional<RuntimeJournal> journal,
      StreamOpened stream,
      boolean needsInput,
      Optional<RuntimeState.Restored> restored) {
    this.journal = journal;
    this.stream = stream;
    this.needsInput = needsInput;
    this.opened = restored.isPresent() && !restored.get().isNew();
    restored.ifPresent(
        state -> {
          nextBatch = state.nextBatch();
          domains = state.domains();
          frozen = state.frozen();
          adapters = state.adapters();
          learned = state.answered();
        });
  }

  /**
   * Whether the method looks at inputs. Others are shown none, as then their states hold none: a
   * journal that keeps inputs off the disk has none to replay, either.
   */
  boolean needsInput() {
    return needsInput;
  }

  /** The agent begins, or begins anew. */
  void begin(Adaptation adaptation) {
    if (!opened) {
      journal.ifPresent(to -> to.port().record(stream));
      checkpoint(adaptation);
    } else if (begun) {
      restored(adaptation, StreamAgent.FAILED);
    }
    opened = true;
    begun = true;
  }

  /** Which stream it is. */
  StreamOpened identity() {
    return stream;
  }

  /**
   * A copy of a batch's input where journal or method need it; taken before the batch is answered.
   */
  Optional<FloatArray> input(Request request) {
    return journal
        .filter(to -> needsInput || to.settings().payload() == JournalSettings.Payload.INPUT)
        .map(to -> FloatArray.copyOf(request.input()));
  }

  /** The method has answered a batch. */
  void answered(
      Request request,
      boolean learned,
      ModelOutput output,
      Optional<FloatArray> input,
      Prediction prediction,
      Passes ownPasses) {
    journal.ifPresent(
        to -> {
          to.port().record(observed(request, learned, output, input));
          to.port().record(predicted(prediction, ownPasses));
        });
    nextBatch = prediction.sequence() + 1;
  }

  /** A batch was answered without the method: what it did with the batch is forgotten. */
  void setAside(Prediction prediction) {
    journal.ifPresent(to -> to.port().record(predicted(prediction, Passes.NONE)));
    nextBatch = prediction.sequence() + 1;
  }

  /** The method was put into another state. */
  void restored(Adaptation adaptation, String reason) {
    journal.ifPresent(
        to ->
            to.port()
                .record(
                    new StateRestored(stream.stream(), reason, State.of(adaptation).toBytes())));
  }

  /**
   * Labels came in for a batch.
   *
   * @return ends when they stand in the journal
   */
  CompletableFuture<Void> feedback(long batch, int[] given) {
    CompletableFuture<Void> recorded = new CompletableFuture<>();
    FeedbackReceived event = new FeedbackReceived(stream.stream(), batch, given);
    journal.ifPresentOrElse(to -> to.port().record(event, recorded), () -> recorded.complete(null));
    labels = labels.isDone() ? recorded : CompletableFuture.allOf(labels, recorded);
    return recorded;
  }

  /** Ends when all labels that came in stand in the journal; fails where one under way does not. */
  CompletableFuture<Void> labels() {
    return labels;
  }

  /** The stream learns no more, or learns again. */
  void frozen(boolean now) {
    frozen = now;
    journal.ifPresent(to -> to.port().record(new StreamFrozen(stream.stream(), now)));
  }

  /** Somebody has chosen what the stream is served with. */
  void chosen(AdapterChoice choice) {
    use(adapters.withChosen(choice));
  }

  /**
   * Whether the method's state is of another adapter's outputs.
   *
   * @param adapter as in {@link AdapterUse#learned}
   */
  boolean hasLearnedFromOther(String adapter) {
    return learned && !adapters.learned().equals(adapter);
  }

  /** From here on the method's state is of this adapter's outputs. */
  void learnsFrom(String adapter) {
    learned = true;
    use(adapters.withLearned(adapter));
  }

  /** The adapter whose outputs the method has learned from. */
  String learnedFrom() {
    return adapters.learned();
  }

  private void use(AdapterUse now) {
    if (!now.equals(adapters)) {
      adapters = now;
      journal.ifPresent(to -> to.port().record(used()));
    }
  }

  private AdapterUsed used() {
    return new AdapterUsed(stream.stream(), adapters.chosen(), adapters.learned());
  }

  private BatchObserved observed(
      Request request, boolean learned, ModelOutput output, Optional<FloatArray> input) {
    int size = output.size();
    return new BatchObserved(
        stream.stream(),
        request.sequence(),
        size,
        learned,
        request.labels() == null ? NO_LABELS : request.labels(),
        input,
        Optional.of(FloatArray.of(output.logits(), size, output.logits().length / size)),
        Optional.of(FloatArray.of(output.features(), size, output.features().length / size)));
  }

  private Predicted predicted(Prediction prediction, Passes ownPasses) {
    List<MethodEvent> events =
        prediction.events().stream()
            .map(e -> new MethodEvent(Names.kebab(e.kind()), e.subject(), e.reason()))
            .toList();
    return new Predicted(
        stream.stream(),
        prediction.sequence(),
        prediction.method(),
        prediction.modelSha256(),
        prediction.adapter().map(adapter -> adapter.ref().toString()).orElse(""),
        prediction.sequence(),
        prediction.labels().clone(),
        prediction.frozenLabels().clone(),
        Optional.empty(),
        prediction.fallback().orElse(""),
        events,
        Math.toIntExact(1 + ownPasses.forwards()),
        Math.toIntExact(ownPasses.backwards()),
        prediction.timings().totalNanos());
  }

  /** Saves the method's state where it is time to. */
  void checkpointWhereDue(Adaptation adaptation) {
    if (journal.isPresent() && nextBatch % journal.get().settings().snapshotBatches() == 0) {
      checkpoint(adaptation);
    }
  }

  /** Saves the method's state. */
  void checkpoint(Adaptation adaptation) {
    journal.ifPresent(
        to -> {
          State state = State.of(adaptation);
          to.port().checkpoint(present(state), state.sha256());
        });
  }

  private StreamState present(State state) {
    return new StreamState(
        stream.stream(),
        stream.method(),
        stream.settings(),
        stream.modelSha256(),
        nextBatch,
        domains,
        frozen,
        adapters,
        0,
        state.toBytes());
  }

  /** Says how the stream stands to a journal that did not take all of its events. */
  void catchUp(Adaptation adaptation) {
    journal.ifPresent(
        to -> {
          State state = State.of(adaptation);
          String reason = "the journal takes events again";
          List<JournalEvent> events = new ArrayList<>();
          if (domains > 0) {
            events.add(new TaskBoundary(stream.stream(), domains, ""));
          }
          events.add(new StateRestored(stream.stream(), reason, state.toBytes()));
          events.add(used());
          events.add(new StreamFrozen(stream.stream(), frozen)); // small: what is large fails first
          to.port().catchUp(stream, events, present(state), state.sha256());
        });
  }

  void reset(String reason) {
    learned = false;
    adapters = adapters.withLearned("");
    journal.ifPresent(to -> to.port().record(new MethodReset(stream.stream(), reason)));
  }

  void domainBegun() {
    domains++;
    journal.ifPresent(to -> to.port().record(new TaskBoundary(stream.stream(), domains, "")));
  }

  /** The stream ends with the state that was saved last. */
  void closed() {
    journal.ifPresent(to -> to.port().record(new StreamClosed(stream.stream())));
  }
}

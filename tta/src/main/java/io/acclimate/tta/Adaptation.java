package io.acclimate.tta;

import io.acclimate.runtime.state.State;
import io.acclimate.runtime.state.StateReader;
import io.acclimate.runtime.state.StateWriter;
import io.acclimate.runtime.state.Stateful;
import io.acclimate.tta.guard.Guard;
import io.acclimate.tta.guard.GuardSettings;
import io.acclimate.tta.guard.SnapshotRing;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One stream's method under its {@link Protocol} and its {@link Guard}.
 *
 * <p>{@link #predict} answers and learns nothing. {@link #step} answers and learns in the
 * protocol's order; when the guard raises an alarm the answer is the frozen model's, and the method
 * goes back to its last good snapshot, or is made new where there is none. Every reset is an event
 * with its reason.
 *
 * <p>Not thread-safe.
 */
public final class Adaptation implements Stateful, AutoCloseable {
  private final OutputCorrector method;
  private final BatchForm form;
  private final Protocol protocol;
  private final GuardSettings guardSettings;
  private final Guard guard;
  private final SnapshotRing snapshots;
  private final SampleWindow window;
  private final List<AdaptationEvent> events = new ArrayList<>();
  private double[] joinedAnswer = new double[0];
  private long steps;
  private String chosen = "";

  Adaptation(OutputCorrector method, Protocol protocol, GuardSettings guard, BatchForm form) {
    this.method = method;
    this.form = form;
    this.protocol = protocol;
    this.guardSettings = guard;
    this.guard = new Guard(guard, form.classes());
    this.snapshots = new SnapshotRing(guard.snapshots());
    this.window = new SampleWindow(protocol.window());
  }

  /**
   * Answers one batch with what was learned so far; the state stays as it is.
   *
   * @param corrected receives {@code [size, classes]}; may be longer
   * @throws io.acclimate.runtime.AcclimateException when the batch has other classes or features
   *     than the model, or not the input that the method needs
   */
  public void predict(OutputBatch batch, double[] corrected) {
    form.require(batch);
    answer(window.join(batch), batch, corrected, false);
  }

  /** Answers a batch by its joined form; with {@code learn} the method learns from it as well. */
  private void answer(OutputBatch joined, OutputBatch batch, double[] corrected, boolean learn) {
    int all = joined.size() * joined.classes();
    if (joined != batch && joinedAnswer.length < all) {
      joinedAnswer = new double[all];
    }
    double[] target = joined == batch ? corrected : joinedAnswer;
    if (learn) {
      method.predictAndAdapt(joined, target);
    } else {
      method.predict(joined, target);
    }
    if (joined == batch) {
      return;
    }
    int count = batch.size() * batch.classes();
    System.arraycopy(joinedAnswer, all - count, corrected, 0, count);
  }

  /**
   * Answers one batch and learns from it.
   *
   * @param corrected receives {@code [size, classes]}; may be longer
   * @return why the answer is the frozen model's; empty in the normal case
   * @throws io.acclimate.runtime.AcclimateException when the batch has other classes or features
   *     than the model, or not the input that the method needs; nothing has changed then
   */
  public Optional<String> step(OutputBatch batch, double[] corrected) {
    form.require(batch);
    resetByProtocol();
    OutputBatch joined = window.join(batch);
    boolean predictFirst = protocol.order() == Protocol.Order.PREDICT_THEN_ADAPT;
    boolean learn = window.add(batch);
    if (predictFirst) {
      answer(joined, batch, corrected, learn);
    }
    for (int i = predictFirst ? 1 : 0; learn && i < protocol.steps(); i++) {
      method.adapt(joined);
    }
    if (!predictFirst) {
      answer(joined, batch, corrected, false);
    }
    steps++;
    followOwnResets();
    Optional<String> alarm = guard.inspect(batch, corrected, method.distanceToSource());
    if (alarm.isPresent()) {
      int count = batch.size() * batch.classes();
      System.arraycopy(batch.probabilities(), 0, corrected, 0, count);
      goBack(AdaptationEvent.GUARD, alarm.get());
    } else if (steps % guardSettings.snapshotBatches() == 0) {
      snapshots.take(method);
    }
    followChoice();
    return alarm;
  }

  private void resetByProtocol() {
    switch (protocol.reset()) {
      case EACH_BATCH -> method.reset();
      case PERIODIC -> {
        if (steps > 0 && steps % protocol.resetAfter() == 0) {
          renew(
              AdaptationEvent.PROTOCOL, "protocol: " + protocol.resetAfter() + " batches are over");
        }
      }
      case NEVER, EACH_DOMAIN -> {
        // nothing to do at a batch
      }
    }
  }

  private void goBack(String cause, String reason) {
    Optional<State> good = snapshots.takeBack();
    guard.reset();
    window.clear();
    if (good.isPresent()) {
      good.get().restore(method);
      events.add(new AdaptationEvent(AdaptationEvent.Kind.ROLLBACK, cause, reason));
    } else {
      method.reset();
      events.add(new AdaptationEvent(AdaptationEvent.Kind.RESET, cause, reason));
    }
  }

  /** What was learned before a reset of the method's own is nothing to go back to. */
  private void followOwnResets() {
    for (String reason : method.drainResets()) {
      guard.reset();
      snapshots.clear();
      events.add(new AdaptationEvent(AdaptationEvent.Kind.RESET, AdaptationEvent.METHOD, reason));
    }
  }

  private void followChoice() {
    OutputCorrector.Choice choice = method.choice().orElse(null);
    if (choice != null && !choice.method().equals(chosen)) {
      chosen = choice.method();
      events.add(new AdaptationEvent(AdaptationEvent.Kind.CHOICE, chosen, choice.reason()));
    }
  }

  /** Says that a new domain begins; online protocols forget everything here. */
  public void beginDomain() {
    if (protocol.reset() == Protocol.Reset.EACH_DOMAIN && steps > 0) {
      renew(AdaptationEvent.PROTOCOL, "protocol: a new domain begins");
    }
  }

  /** Makes everything new: method, window, guard and snapshots. */
  public void reset(String reason) {
    steps = 0;
    chosen = "";
    renew(AdaptationEvent.CALLER, reason);
  }

  /**
   * Goes on, as a new object, for one that has failed on a batch: from its last good snapshot, or
   * from the beginning where there is none. Its snapshots are taken over.
   *
   * @param reason how it failed
   */
  public void takeOver(Adaptation failed, String reason) {
    steps = failed.steps;
    snapshots.takeAll(failed.snapshots);
    goBack(AdaptationEvent.FAILURE, reason);
  }

  /** Which of several methods speaks now, and why; empty for a method that knows but one. */
  public Optional<OutputCorrector.Choice> choice() {
    return method.choice();
  }

  private void renew(String cause, String reason) {
    method.reset();
    guard.reset();
    window.clear();
    snapshots.clear();
    events.add(new AdaptationEvent(AdaptationEvent.Kind.RESET, cause, reason));
  }

  /** How often the method has run the model since it was made. */
  public Passes passes() {
    return method.passes();
  }

  /** What has happened since the last call. */
  public List<AdaptationEvent> drainEvents() {
    List<AdaptationEvent> drained = List.copyOf(events);
    events.clear();
    return drained;
  }

  /** Frees what the method holds outside the heap. */
  @Override
  public void close() {
    method.close();
  }

  @Override
  public void save(StateWriter out) {
    out.putLong("steps", steps);
    out.putText("chosen", chosen);
    out.put("method", method);
    out.put("guard", guard);
    out.put("snapshots", snapshots);
    out.put("window", window);
  }

  @Override
  public void load(StateReader in) {
    steps = in.getLong("steps");
    chosen = in.getText("chosen");
    in.get("method", method);
    in.get("guard", guard);
    in.get("snapshots", snapshots);
    in.get("window", window);
  }
}

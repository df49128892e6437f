package io.acclimate.actors.learn;

import io.acclimate.bank.AdapterRef;
import io.acclimate.continual.ContinualLearner;
import io.acclimate.continual.LabelledBatch;
import io.acclimate.continual.LearnResult;
import io.acclimate.continual.LearnerContext;
import io.acclimate.continual.LearnerFactory;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.state.State;
import io.acclimate.runtime.state.StateReader;
import io.acclimate.runtime.state.StateWriter;
import io.acclimate.runtime.state.Stateful;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Learns task after task from the samples on disk, one step at a time, and decides what serves.
 *
 * <p>After a kill it goes on where it was: samples that were taken in are there, the state is the
 * last one saved, and the steps since are made again with the same numbers. Publishing an adapter
 * and counting its task as done is one change of the bank. Deterministic; not thread-safe.
 */
final class LearnerCore implements AutoCloseable {
  private final LearnerParts parts;
  private final LearnerSettings settings;
  private final LearnerFiles files;
  private final TaskIntake intake;
  private final AdapterPublisher publisher;
  private final LearnerFactory factory;
  private final SeedTree seeds;
  private final LiveProbes live;
  private final LearnerState state = new LearnerState();
  private ContinualLearner learner;
  private TaskRun run;
  private double baseline;
  private int refusedInRow;

  /** Whether the learner has left the task already, so that it is no state in mid-task. */
  private boolean deciding;

  private Optional<TaskDecision> last = Optional.empty();

  /** The learner and where it stands. */
  private final class LearnerState implements Stateful {
    /** The number of the task to decide on next. */
    private long task;

    /** The steps made in it. */
    private long steps;

    @Override
    public void save(StateWriter out) {
      out.putLong("task", task);
      out.putLong("steps", steps);
      out.put("learner", learner);
    }

    @Override
    public void load(StateReader in) {
      long loadedTask = in.getLong("task");
      long loadedSteps = in.getLong("steps");
      in.get("learner", learner);
      task = loadedTask;
      steps = loadedSteps;
    }
  }

  /** Opens the learner as it was when it was last saved. */
  LearnerCore(LearnerParts parts, LearnerSettings settings, AdapterPublisher publisher) {
    this.parts = parts;
    this.settings = settings;
    this.publisher = publisher;
    this.files = new LearnerFiles(parts.folder());
    this.factory = settings.factory();
    this.seeds = SeedTree.of(settings.seed());
    this.live = new LiveProbes(settings.revert());
    this.learner = newLearner();
    if (learner.needsAllTasks()) {
      throw new AcclimateException(
          "method %s needs the samples of all earlier tasks and cannot learn in the background"
              .formatted(settings.method()));
    }
    publisher.requireModel();
    restore();
    files.removeProbes(state.task);
    this.intake = new TaskIntake(parts.backbone(), settings, files, state.task);
    watchServed(LearnerEvent.Change.START, "start");
  }

  private ContinualLearner newLearner() {
    return factory.create(new LearnerContext(parts.backbone(), seeds.child("learner")));
  }

  /** The newer of what the folder and the bank say; a change of the bank comes first. */
  private void restore() {
    try {
      Optional<State> base = LearnerFiles.state(files.base());
      base.ifPresent(saved -> saved.restore(state));
      long baseTask = state.task;
      Optional<State> published = settings.shadow() ? Optional.empty() : publisher.learnerState();
      published.ifPresent(saved -> saved.restore(state));
      if (published.isPresent() && base.isPresent() && state.task < baseTask) {
        base.get().restore(state);
      }
    } catch (AcclimateException e) {
      throw new AcclimateException(
          "learner in %s, method %s: %s"
              .formatted(parts.folder(), settings.method(), e.getMessage()),
          e);
    }
    State.of(state).write(files.base());
  }

  /** Where samples come in. */
  TaskIntake intake() {
    return intake;
  }

  /**
   * Makes the next step of what there is to do. A learner that fails loses the task; a disk that
   * fails loses nothing.
   *
   * @return whether there was anything
   * @throws AcclimateException when files or the bank cannot be written; the core is then to be
   *     opened anew
   */
  boolean step() {
    if (files.endedName(state.task).isEmpty()) {
      return false;
    }
    if (run == null) {
      begin();
    } else if (state.steps < run.steps()) {
      learn();
    } else {
      decide();
    }
    return true;
  }

  private String name() {
    return files.endedName(state.task).orElse("");
  }

  /** Loads the task's samples and goes on where a life before has stopped. */
  private void begin() {
    long samples = intake.samples(state.task);
    if (samples < settings.heldOutEvery()) {
      abandon(
          TaskDecision.Verdict.FAILED,
          "%d samples, expected at least %d (held-out-every)"
              .formatted(samples, settings.heldOutEvery()));
      return;
    }
    try {
      TaskRun loaded =
          new TaskRun(
              Samples.join(files.batches(state.task)),
              settings.heldOutEvery(),
              parts.backbone().batch(),
              learner.epochs(),
              seeds.child("order").child(state.task));
      baseline = servedAccuracy(loaded.heldOut());
      if (!resume()) {
        learner.beginTask(loaded.outline(learner.classes()));
      }
      run = loaded;
    } catch (RuntimeException e) {
      abandon(TaskDecision.Verdict.FAILED, e.getMessage());
    }
    refusedInRow = 0;
    deciding = false;
  }

  /** The accuracy of what serves now: the learner as it was published, or the frozen model. */
  private double servedAccuracy(LabelledBatch heldOut) {
    if (!settings.shadow() && publisher.served().isPresent()) {
      return TaskMeasure.accuracy(learner, heldOut);
    }
    return parts
        .logits()
        .map(logits -> FrozenAccuracy.of(parts.backbone(), logits, heldOut))
        .orElse(0.0);
  }

  private boolean resume() {
    Optional<State> saved = LearnerFiles.state(files.progress());
    long task = state.task;
    saved.ifPresent(progress -> progress.restore(state));
    if (saved.isPresent() && state.task != task) {
      goBack();
      return false;
    }
    return saved.isPresent();
  }

  private void learn() {
    LearnResult result;
    try {
      result = learner.learn(run.batch(state.steps));
    } catch (RuntimeException e) {
      abandon(TaskDecision.Verdict.FAILED, e.getMessage());
      return;
    }
    state.steps++;
    parts
        .listener()
        .on(
            new LearnerEvent.Step(
                state.task, state.steps, run.steps(), result.loss(), result.refusal()));
    refusedInRow = result.applied() ? 0 : refusedInRow + 1;
    if (refusedInRow >= settings.mostRefused()) {
      abandon(
          TaskDecision.Verdict.DIVERGED,
          "%d batches in a row refused, the last one: %s"
              .formatted(refusedInRow, result.refusal()));
    } else if (state.steps % settings.snapshotSteps() == 0) {
      State.of(state).write(files.progress());
    }
  }

  private void decide() {
    double accuracy;
    SortedMap<String, Double> forgetting;
    deciding = true;
    try {
      learner.endTask();
      accuracy = TaskMeasure.accuracy(learner, run.heldOut());
      forgetting = TaskMeasure.forgetting(learner, files.probes(state.task));
    } catch (AcclimateException e) {
      abandon(TaskDecision.Verdict.DIVERGED, e.getMessage());
      return;
    }
    Optional<PromotionGate.Refusal> refusal =
        settings.gate().refusal(accuracy, baseline, forgetting);
    if (refusal.isPresent()) {
      goBack();
      finish(
          decision(
              TaskDecision.Verdict.REFUSED,
              refusal.get().cause(),
              refusal.get().reason(),
              accuracy,
              forgetting,
              Optional.empty()));
    } else {
      accept(accuracy, forgetting);
    }
  }

  private TaskDecision decision(
      TaskDecision.Verdict verdict,
      TaskDecision.Cause cause,
      String reason,
      double accuracy,
      SortedMap<String, Double> forgetting,
      Optional<AdapterRef> adapter) {
    return new TaskDecision(
        state.task, name(), verdict, cause, reason, accuracy, baseline, forgetting, adapter);
  }

  private void accept(double accuracy, SortedMap<String, Double> forgetting) {
    long task = state.task;
    Optional<Map<String, Tensor>> tensors = learner.adapter();
    if (tensors.isEmpty() && !settings.shadow()) {
      abandon(
          TaskDecision.Verdict.FAILED,
          "method %s does not answer with one adapter: it can only be learned in shadow mode"
                  .formatted(settings.method())
              + " (learner.shadow)");
      return;
    }
    files.writeProbe(new LearnerFiles.Probe(task, name(), accuracy, run.heldOut()));
    if (settings.shadow()) {
      finish(
          decision(
              TaskDecision.Verdict.SHADOW,
              TaskDecision.Cause.PASSED,
              "passed, but the learner is in shadow mode",
              accuracy,
              forgetting,
              Optional.empty()));
      return;
    }
    TaskDecision passed =
        decision(
            TaskDecision.Verdict.PROMOTED,
            TaskDecision.Cause.PASSED,
            "passed",
            accuracy,
            forgetting,
            Optional.empty());
    State after = after(task + 1);
    AdapterRef ref = publisher.publish(passed, tensors.orElseThrow(), after, run.trainingSamples());
    finish(passed.withAdapter(ref));
    watchServed(LearnerEvent.Change.PROMOTION, "task %d %s".formatted(task, passed.reason()));
  }

  /** The present learner as the one with which a task begins. */
  private State after(long nextTask) {
    long task = state.task;
    long steps = state.steps;
    state.task = nextTask;
    state.steps = 0;
    State saved = State.of(state);
    state.task = task;
    state.steps = steps;
    return saved;
  }

  /** Gives the task up: the learner is what it was before. */
  private void abandon(TaskDecision.Verdict verdict, String reason) {
    goBack();
    files.removeProbes(state.task);
    TaskDecision.Cause cause =
        verdict == TaskDecision.Verdict.DIVERGED
            ? TaskDecision.Cause.NOT_FINITE
            : TaskDecision.Cause.NOT_LEARNED;
    finish(decision(verdict, cause, reason, 0, new TreeMap<>(), Optional.empty()));
  }

  /** Puts the learner back to where the task began. */
  private void goBack() {
    learner.close();
    learner = newLearner();
    LearnerFiles.state(files.base()).orElseThrow().restore(state);
  }

  /** Counts the task as done and takes its samples away. */
  private void finish(TaskDecision decision) {
    State after = after(state.task + 1);
    after.write(files.base());
    files.removeTask(state.task);
    intake.done(state.task);
    state.task++;
    state.steps = 0;
    run = null;
    last = Optional.of(decision);
    parts.listener().on(new LearnerEvent.Decided(decision));
  }

  /**
   * Takes in whether predictions of an adapter were right, and takes the adapter back when too many
   * were not.
   */
  void feedback(AdapterRef adapter, boolean[] correct) {
    live.record(adapter, correct).ifPresent(this::revert);
  }

  private void revert(String reason) {
    goBackTo(publisher.learnerStateBefore(), learner -> publisher.revert(reason, learner));
    watchServed(LearnerEvent.Change.REVERT, reason);
  }

  /**
   * Lets what served in a version of the bank serve again. The learner is what it was then, and a
   * task under way is begun anew.
   *
   * @throws AcclimateException when the bank has no such version, or nothing serves because the
   *     learner is in shadow mode: all stays as it is
   */
  void rollback(long version) {
    if (settings.shadow()) {
      throw new AcclimateException(
          "expected a learner that publishes, found one in shadow mode (learner.shadow)");
    }
    Optional<State> then = publisher.learnerStateAt(version);
    goBackTo(then, learner -> publisher.rollback(version, learner));
    watchServed(LearnerEvent.Change.ROLLBACK, "rolled back to version %d".formatted(version));
  }

  /**
   * Puts the learner back to an earlier state; tasks are numbered on.
   *
   * @param older the state; empty for a learner that has learned nothing
   * @param publish makes the change of the bank that the new state is part of
   */
  private void goBackTo(Optional<State> older, Consumer<State> publish) {
    long task = state.task;
    run = null;
    try {
      learner.close();
      learner = newLearner();
      state.task = 0;
      older.ifPresent(saved -> saved.restore(state));
      State reverted = after(task);
      publish.accept(reverted);
      files.removeProbes(state.task);
      reverted.write(files.base());
    } finally {
      LearnerFiles.deleteIfThere(files.progress());
      goBack();
    }
  }

  private void watchServed(LearnerEvent.Change change, String reason) {
    Optional<AdapterPublisher.Served> served = publisher.served();
    served.ifPresentOrElse(
        one -> live.watch(one.ref(), one.heldOutAccuracy()), () -> live.watch(null, 0));
    parts
        .listener()
        .on(
            new LearnerEvent.Served(
                served.map(AdapterPublisher.Served::ref), publisher.version(), change, reason));
  }

  LearnerStatus status() {
    return new LearnerStatus(
        state.task,
        state.steps,
        run == null ? 0 : run.steps(),
        intake.waitingSamples(),
        publisher.served().map(AdapterPublisher.Served::ref),
        last);
  }

  /** Saves the state and frees the learner. */
  @Override
  public void close() {
    if (run != null && !deciding) {
      State.of(state).write(files.progress());
    }
    learner.close();
  }
}

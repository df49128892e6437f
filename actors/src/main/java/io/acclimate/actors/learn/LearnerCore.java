package io.acclimate.actors.learn;

import io.acclimate.bank.AdapterRef;
import io.acclimate.continual.LearnResult;
import io.acclimate.continual.LearnerContext;
import io.acclimate.continual.LearnerFactory;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.state.State;
import java.util.Map;
import java.util.Optional;
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
  private final SeedTree seeds;
  private final LiveProbes live;
  private final LearnerProgress state;
  private final TaskJudge judge;
  private TaskRun run;
  private int refusedInRow;

  /** Whether the learner has left the task already, so that it is no state in mid-task. */
  private boolean deciding;

  private Optional<TaskDecision> last = Optional.empty();

  /** Opens the learner as it was when it was last saved. */
  LearnerCore(LearnerParts parts, LearnerSettings settings, AdapterPublisher publisher) {
    this.parts = parts;
    this.settings = settings;
    this.publisher = publisher;
    this.files = new LearnerFiles(parts.folder());
    this.seeds = SeedTree.of(settings.seed());
    this.live = new LiveProbes(settings.revert());
    LearnerFactory factory = settings.factory();
    LearnerContext context = new LearnerContext(parts.backbone(), seeds.child("learner"));
    this.state = new LearnerProgress(files, () -> factory.create(context));
    this.judge = new TaskJudge(parts, settings, files, publisher, state);
    try {
      requireInBackground();
      publisher.requireModel();
      restore();
      files.removeProbes(state.task());
      files.keepProbes(settings.probes().mostTasks());
      this.intake = new TaskIntake(parts.backbone(), settings, files, state.task());
    } catch (RuntimeException e) {
      state.close();
      throw e;
    }
    watchServed(LearnerEvent.Change.START, "start");
  }

  private void requireInBackground() {
    if (state.learner().needsAllTasks()) {
      throw new AcclimateException(
          "method %s needs the samples of all earlier tasks and cannot learn in the background"
              .formatted(settings.method()));
    }
  }

  private void restore() {
    try {
      state.restore(settings.shadow() ? Optional.empty() : publisher.learnerState());
    } catch (AcclimateException e) {
      throw new AcclimateException(
          "learner in %s, method %s: %s"
              .formatted(parts.folder(), settings.method(), e.getMessage()),
          e);
    }
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
    if (files.endedName(state.task()).isEmpty()) {
      return false;
    }
    if (run == null) {
      begin();
    } else if (state.steps() < run.steps()) {
      learn();
    } else {
      decide();
    }
    return true;
  }

  /** Loads the task's samples and goes on where a life before has stopped. */
  private void begin() {
    long samples = intake.samples(state.task());
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
              Samples.join(files.batches(state.task())),
              settings.heldOutEvery(),
              parts.backbone().batch(),
              state.learner().epochs(),
              seeds.child("order").child(state.task()));
      judge.begin(loaded.heldOut());
      if (!state.resume()) {
        state.learner().beginTask(loaded.outline(state.learner().classes()));
      }
      run = loaded;
    } catch (RuntimeException | Error e) { // memory may suffice for other tasks
      abandon(TaskDecision.Verdict.FAILED, String.valueOf(e.getMessage()));
    }
    refusedInRow = 0;
    deciding = false;
  }

  private void learn() {
    LearnResult result;
    try {
      result = state.learner().learn(run.batch(state.steps()));
    } catch (RuntimeException | Error e) { // memory may suffice for other tasks
      abandon(TaskDecision.Verdict.FAILED, String.valueOf(e.getMessage()));
      return;
    }
    state.stepped();
    parts
        .listener()
        .on(
            new LearnerEvent.Step(
                state.task(), state.steps(), run.steps(), result.loss(), result.refusal()));
    refusedInRow = result.applied() ? 0 : refusedInRow + 1;
    if (refusedInRow >= settings.mostRefused()) {
      abandon(
          TaskDecision.Verdict.DIVERGED,
          "%d batches in a row refused, the last one: %s"
              .formatted(refusedInRow, result.refusal()));
    } else if (state.steps() % settings.snapshotSteps() == 0) {
      state.saveInTask();
    }
  }

  private void decide() {
    TaskJudge.Worth worth;
    deciding = true;
    try {
      state.learner().endTask();
      worth = judge.measure(run.heldOut());
    } catch (AcclimateException e) {
      abandon(TaskDecision.Verdict.DIVERGED, e.getMessage());
      return;
    }
    Optional<PromotionGate.Refusal> refusal = judge.refusal(worth);
    if (refusal.isPresent()) {
      state.goBack();
      finish(
          judge.decision(
              TaskDecision.Verdict.REFUSED, refusal.get().cause(), refusal.get().reason(), worth));
    } else {
      accept(worth);
    }
  }

  private void accept(TaskJudge.Worth worth) {
    long task = state.task();
    Optional<Map<String, Tensor>> tensors = state.learner().adapter();
    if (tensors.isEmpty() && !settings.shadow()) {
      abandon(
          TaskDecision.Verdict.FAILED,
          "method %s does not answer with one adapter: it can only be learned in shadow mode"
                  .formatted(settings.method())
              + " (learner.shadow)");
      return;
    }
    judge.keepProbe(run.heldOut(), worth);
    TaskDecision.Cause passed = TaskDecision.Cause.PASSED;
    if (settings.shadow()) {
      String reason = "passed, but the learner is in shadow mode";
      finish(judge.decision(TaskDecision.Verdict.SHADOW, passed, reason, worth));
      return;
    }
    TaskDecision promoted = judge.decision(TaskDecision.Verdict.PROMOTED, passed, "passed", worth);
    State after = state.after(task + 1);
    AdapterRef ref =
        publisher.publish(promoted, tensors.orElseThrow(), after, run.trainingSamples());
    finish(promoted.withAdapter(ref));
    watchServed(LearnerEvent.Change.PROMOTION, "task %d %s".formatted(task, promoted.reason()));
  }

  /** Gives the task up: the learner is what it was before. */
  private void abandon(TaskDecision.Verdict verdict, String reason) {
    state.goBack();
    files.removeProbes(state.task());
    TaskDecision.Cause cause =
        verdict == TaskDecision.Verdict.DIVERGED
            ? TaskDecision.Cause.NOT_FINITE
            : TaskDecision.Cause.NOT_LEARNED;
    finish(judge.decision(verdict, cause, reason, TaskJudge.Worth.UNKNOWN));
  }

  /** Counts the task as done and takes its samples away. */
  private void finish(TaskDecision decision) {
    long task = state.task();
    state.next();
    files.removeTask(task);
    files.keepProbes(settings.probes().mostTasks());
    intake.done(task);
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
    long task = state.task();
    run = null;
    try {
      state.renew(older);
      State reverted = state.after(task);
      publish.accept(reverted);
      files.removeProbes(state.task());
      reverted.write(files.base());
    } finally {
      LearnerFiles.deleteIfThere(files.progress());
      state.goBack();
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
        state.task(),
        state.steps(),
        run == null ? 0 : run.steps(),
        intake.waitingSamples(),
        publisher.served().map(AdapterPublisher.Served::ref),
        last);
  }

  /** Saves the state and frees the learner, also when saving fails. */
  @Override
  public void close() {
    try (LearnerProgress ending = state) {
      if (run != null && !deciding) {
        ending.saveInTask();
      }
    }
  }
}

package io.acclimate.continual.controls;

import io.acclimate.continual.LabelledBatch;
import io.acclimate.continual.LearnResult;
import io.acclimate.continual.LearnerContext;
import io.acclimate.continual.TaskOutline;
import io.acclimate.continual.tuning.TaskTuning;
import io.acclimate.continual.tuning.TunedLearner;
import io.acclimate.continual.tuning.TuningSettings;
import io.acclimate.runtime.state.StateReader;
import io.acclimate.runtime.state.StateWriter;

/**
 * One set of modules, tuned without any care for earlier tasks ({@code naive}: what forgetting
 * costs) or anew on all samples so far ({@code joint}: what could be had).
 *
 * <p>Scores are logits. Not thread-safe.
 */
final class TuningControl extends TunedLearner {
  private final boolean joint;

  TuningControl(LearnerContext context, TuningSettings settings, boolean joint) {
    super(new TaskTuning(context, settings));
    this.joint = joint;
  }

  @Override
  public boolean needsAllTasks() {
    return joint;
  }

  @Override
  public void beginTask(TaskOutline outline) {
    tuning().begin(outline, joint);
  }

  @Override
  public LearnResult learn(LabelledBatch batch) {
    return joint ? tuning().learnAmongAll(batch) : tuning().learn(batch, false);
  }

  @Override
  public void save(StateWriter out) {
    tuning().save(out);
  }

  @Override
  public void load(StateReader in) {
    tuning().load(in);
  }
}

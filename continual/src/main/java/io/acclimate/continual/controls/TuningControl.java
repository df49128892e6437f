package io.acclimate.continual.controls;

import io.acclimate.continual.ContinualLearner;
import io.acclimate.continual.LabelledBatch;
import io.acclimate.continual.LearnResult;
import io.acclimate.continual.LearnerContext;
import io.acclimate.continual.TaskOutline;
import io.acclimate.continual.tuning.TaskTuning;
import io.acclimate.continual.tuning.TuningSettings;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.state.StateReader;
import io.acclimate.runtime.state.StateWriter;
import java.util.Map;
import java.util.Optional;

/**
 * One set of modules, tuned without any care for earlier tasks ({@code naive}: what forgetting
 * costs) or anew on all samples so far ({@code joint}: what could be had).
 *
 * <p>Scores are logits. Not thread-safe.
 */
final class TuningControl implements ContinualLearner {
  private final TaskTuning tuning;
  private final boolean joint;

  TuningControl(LearnerContext context, TuningSettings settings, boolean joint) {
    this.tuning = new TaskTuning(context, settings);
    this.joint = joint;
  }

  @Override
  public int epochs() {
    return tuning.settings().passes();
  }

  @Override
  public boolean needsAllTasks() {
    return joint;
  }

  @Override
  public void beginTask(TaskOutline outline) {
    tuning.begin(outline, joint);
  }

  @Override
  public LearnResult learn(LabelledBatch batch) {
    return joint ? tuning.learnAmongAll(batch) : tuning.learn(batch, false);
  }

  @Override
  public void endTask() {
    tuning.end();
  }

  @Override
  public int classes() {
    return tuning.progress().classes();
  }

  @Override
  public int tasks() {
    return tuning.progress().tasks();
  }

  @Override
  public void predict(Map<String, Tensor> inputs, double[] scores) {
    tuning.logits(tuning.parameters(), inputs, scores);
  }

  @Override
  public int forwardsPerPrediction() {
    return 1;
  }

  @Override
  public long bytes() {
    return tuning.bytes();
  }

  @Override
  public long parameterCount() {
    return tuning.parameterCount();
  }

  @Override
  public Optional<Map<String, Tensor>> adapter() {
    return tuning.adapter();
  }

  @Override
  public void save(StateWriter out) {
    tuning.save(out);
  }

  @Override
  public void load(StateReader in) {
    tuning.load(in);
  }

  @Override
  public void close() {
    tuning.close();
  }
}

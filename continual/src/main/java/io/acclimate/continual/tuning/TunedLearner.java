package io.acclimate.continual.tuning;

import io.acclimate.continual.ContinualLearner;
import io.acclimate.continual.TaskOutline;
import io.acclimate.runtime.Tensor;
import java.util.Map;
import java.util.Optional;

/**
 * A learner whose predictions come from one {@link TaskTuning}: one set of modules and one head
 * that go on from task to task. What is left to the learners is how a batch is learned, and what
 * else they keep.
 *
 * <p>Scores are logits. Not thread-safe.
 */
public abstract class TunedLearner implements ContinualLearner {
  private final TaskTuning tuning;

  /** Creates a learner that owns the tuning and closes it. */
  protected TunedLearner(TaskTuning tuning) {
    this.tuning = tuning;
  }

  /** What is tuned. */
  protected final TaskTuning tuning() {
    return tuning;
  }

  @Override
  public final int epochs() {
    return tuning.settings().passes();
  }

  @Override
  public void beginTask(TaskOutline outline) {
    tuning.begin(outline, false);
  }

  @Override
  public void endTask() {
    tuning.end();
  }

  @Override
  public final int classes() {
    return tuning.progress().classes();
  }

  @Override
  public final int tasks() {
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
  public final void close() {
    tuning.close();
  }
}

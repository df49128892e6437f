package io.acclimate.tests.ownmethod;

import io.acclimate.runtime.state.StateReader;
import io.acclimate.runtime.state.StateWriter;
import io.acclimate.tta.OutputBatch;
import io.acclimate.tta.OutputCorrector;
import java.util.Arrays;

/** Mixes each answer with the mean answer of the batch before. Not thread-safe. */
final class SmoothedAnswers implements OutputCorrector {
  private final double share;
  private final double[] mean;

  SmoothedAnswers(int classes, double share) {
    this.share = share;
    this.mean = new double[classes];
    reset();
  }

  @Override
  public void predict(OutputBatch batch, double[] probabilities) {
    for (int k = 0; k < batch.size() * mean.length; k++) {
      probabilities[k] = (1 - share) * batch.probabilities()[k] + share * mean[k % mean.length];
    }
  }

  @Override
  public void adapt(OutputBatch batch) {
    Arrays.fill(mean, 0);
    for (int k = 0; k < batch.size() * mean.length; k++) {
      mean[k % mean.length] += batch.probabilities()[k] / batch.size();
    }
  }

  @Override
  public void reset() {
    Arrays.fill(mean, 1.0 / mean.length);
  }

  @Override
  public void save(StateWriter out) {
    out.putDoubles("mean", mean);
  }

  @Override
  public void load(StateReader in) {
    System.arraycopy(in.getDoubles("mean", mean.length), 0, mean, 0, mean.length);
  }
}

package io.acclimate.tta.labelshift;

import io.acclimate.runtime.state.StateReader;
import io.acclimate.runtime.state.StateWriter;
import io.acclimate.tta.OutputBatch;
import io.acclimate.tta.OutputCorrector;
import java.util.Arrays;

/**
 * Finds the label distribution of the latest samples by expectation maximisation and corrects the
 * output for it: z + log(target prior / source prior).
 *
 * <p>With answers p and source prior s it repeats t = (sum_i normalise(p_i t / s) + k s) / (n + k)
 * from t = s, where the strength k adds that many samples of the source's own distribution, and k =
 * 0 is the maximum of the likelihood. Saerens, Latinne and Decaestecker, Neural Computation 14(1),
 * 2002; Alexandari et al., ICML 2020, arXiv 1901.06852.
 *
 * <p>No class is taken to be rarer than a tenth of an even share, or than in the source where that
 * is less. Time O(iterations w c), memory O(w c) for a window of w samples. Not thread-safe.
 */
public final class LabelShiftEm implements OutputCorrector {
  private final double[] source;
  private final LabelShiftEmSettings settings;
  private final double[] prior;
  private final PriorEstimator estimator;
  private double[] latest = new double[0];
  private int stored;
  private int next;

  /** Creates a corrector for this source prior, {@code [classes]}. */
  public LabelShiftEm(double[] source, LabelShiftEmSettings settings) {
    this.source = source.clone();
    this.settings = settings;
    prior = new double[source.length];
    estimator = new PriorEstimator(source.length);
    reset();
  }

  @Override
  public void predict(OutputBatch batch, double[] probabilities) {
    ClassPriors.correct(batch, source, prior, probabilities);
  }

  @Override
  public void adapt(OutputBatch batch) {
    if (settings.windowSamples() == 0) {
      estimate(batch.probabilities(), batch.size());
      return;
    }
    int classes = source.length;
    if (latest.length == 0) {
      latest = new double[settings.windowSamples() * classes];
    }
    int skipped = Math.max(0, batch.size() - settings.windowSamples());
    for (int i = skipped; i < batch.size(); i++) {
      System.arraycopy(batch.probabilities(), i * classes, latest, next * classes, classes);
      next = (next + 1) % settings.windowSamples();
      stored = Math.min(stored + 1, settings.windowSamples());
    }
    estimate(latest, stored);
  }

  private void estimate(double[] answers, int n) {
    estimator.estimate(
        answers, n, source, source, settings.strength(), settings.maxIterations(), prior);
  }

  /** The target prior in force, {@code [classes]}. */
  public double[] prior() {
    return prior.clone();
  }

  @Override
  public void reset() {
    System.arraycopy(source, 0, prior, 0, prior.length);
    latest = new double[0];
    stored = 0;
    next = 0;
  }

  @Override
  public void save(StateWriter out) {
    out.putDoubles("prior", prior);
    out.putInts("place", new int[] {stored, next});
    out.putDoubles("latest", Arrays.copyOf(latest, stored * source.length));
  }

  @Override
  public void load(StateReader in) {
    double[] loadedPrior = in.getDoubles("prior", prior.length);
    int[] place = in.getInts("place", 2);
    double[] loaded = in.getDoubles("latest", place[0] * source.length);
    System.arraycopy(loadedPrior, 0, prior, 0, prior.length);
    stored = place[0];
    next = place[1];
    latest =
        stored == 0
            ? new double[0]
            : Arrays.copyOf(loaded, settings.windowSamples() * source.length);
  }
}

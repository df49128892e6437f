package io.acclimate.tta.labelshift;

import io.acclimate.runtime.state.StateReader;
import io.acclimate.runtime.state.StateWriter;
import io.acclimate.tta.OutputBatch;
import io.acclimate.tta.OutputCorrector;
import java.util.Arrays;

/**
 * Corrects logits z to z + log(target prior / source prior), which is exact when only the label
 * distribution has moved. The target prior is an exponential average of the corrected answers, or
 * is given.
 *
 * <p>The average starts at the source prior, and in it no class is rarer than a tenth of an even
 * share, or than in the source where that is less. A given prior is taken as it is. Time O(n c),
 * memory O(c). Not thread-safe.
 */
public final class PriorCorrection implements OutputCorrector {
  private final double[] source;
  private final double[] given;
  private final double memory;
  private final double[] prior;
  private double[] row = new double[0];

  /**
   * Creates a corrector.
   *
   * @param source the source prior, {@code [classes]}
   * @param given the target prior, {@code [classes]}; empty: estimated
   * @param memorySamples samples after which the weight of a sample has fallen to 1/e
   */
  public PriorCorrection(double[] source, double[] given, double memorySamples) {
    this.source = source.clone();
    this.given = given.clone();
    this.memory = memorySamples;
    this.prior = new double[source.length];
    reset();
  }

  @Override
  public void predict(OutputBatch batch, double[] probabilities) {
    ClassPriors.correct(batch, source, prior, probabilities);
  }

  @Override
  public void adapt(OutputBatch batch) {
    if (given.length > 0) {
      return;
    }
    int classes = source.length;
    if (row.length < 2 * classes) {
      row = new double[2 * classes];
    }
    Arrays.fill(row, 0);
    for (int i = 0; i < batch.size(); i++) {
      ClassPriors.correctRow(batch.probabilities(), i * classes, source, prior, row, classes);
      for (int c = 0; c < classes; c++) {
        row[c] += row[classes + c] / batch.size();
      }
    }
    double keep = Math.exp(-batch.size() / memory);
    for (int c = 0; c < classes; c++) {
      prior[c] = keep * prior[c] + (1 - keep) * row[c];
    }
    ClassPriors.clamp(prior, source);
  }

  /** The target prior in force, {@code [classes]}. */
  public double[] prior() {
    return prior.clone();
  }

  @Override
  public void reset() {
    System.arraycopy(given.length > 0 ? given : source, 0, prior, 0, prior.length);
  }

  @Override
  public void save(StateWriter out) {
    out.putDoubles("prior", prior);
  }

  @Override
  public void load(StateReader in) {
    System.arraycopy(in.getDoubles("prior", prior.length), 0, prior, 0, prior.length);
  }
}

package io.acclimate.continual.shift;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.state.StateReader;
import io.acclimate.runtime.state.StateWriter;
import io.acclimate.runtime.state.Stateful;
import java.util.Arrays;

/**
 * Detects from features alone, without labels, that the samples of a stream come from another
 * distribution than before.
 *
 * <p>A batch's mean is compared with the mean of all batches since the last shift. The squared
 * distance over its expectation, tr(Σ) (1/n + 1/N), is 1 on average as long as nothing changes; a
 * cumulative sum (Page, Continuous Inspection Schemes, Biometrika 1954) adds up what is above 1 and
 * the drift, and a shift is where it passes the threshold. The change is dated back to where the
 * sum left 0; the batches since then make the new reference.
 *
 * <p>Deterministic, not thread-safe.
 */
public final class ShiftDetector implements Stateful {
  private static final double LEAST_VARIANCE = 1e-12;

  private final ShiftSettings settings;
  private final int size;
  private final FeatureMoments reference;
  private final FeatureMoments suspects;
  private final FeatureMoments batch;
  private int suspectBatches;
  private double sum;

  /**
   * Starts without a reference.
   *
   * @param size the number of features
   */
  public ShiftDetector(ShiftSettings settings, int size) {
    this.settings = settings;
    this.size = size;
    this.reference = new FeatureMoments(size);
    this.suspects = new FeatureMoments(size);
    this.batch = new FeatureMoments(size);
  }

  /**
   * Takes the next batch.
   *
   * @param features {@code [rows][size]}, any number of rows; rows with values that are not finite
   *     are left out
   * @return 0 while nothing has changed; after a shift the number of latest batches, this one
   *     included, that belong to what is new
   * @throws AcclimateException when a row has another size
   */
  public int observe(double[][] features) {
    batch.clear();
    for (double[] row : features) {
      if (row.length != size) {
        throw new AcclimateException(
            "shift detector: expected rows of %d features, found %d".formatted(size, row.length));
      }
      if (Arrays.stream(row).allMatch(Double::isFinite)) {
        batch.add(row);
      }
    }
    if (reference.count() < settings.warmUp()) {
      reference.addAll(batch);
      return 0;
    }
    sum = Math.max(0, sum + excess());
    suspects.addAll(batch);
    suspectBatches++;
    if (sum > settings.threshold()) {
      int changed = suspectBatches;
      reference.clear();
      settle();
      return changed;
    }
    if (sum == 0) {
      settle();
    }
    return 0;
  }

  /** How much farther off the batch is than chance and drift explain, in expected distances. */
  private double excess() {
    if (batch.count() == 0) {
      return 0;
    }
    double variance = Math.max(reference.totalVariance(), LEAST_VARIANCE);
    double expected = variance * (1.0 / batch.count() + 1.0 / reference.count());
    return reference.squaredDistance(batch) / expected - 1 - settings.drift();
  }

  /** The suspects become a part of the reference. */
  private void settle() {
    reference.addAll(suspects);
    suspects.clear();
    suspectBatches = 0;
    sum = 0;
  }

  @Override
  public void save(StateWriter out) {
    out.put("reference", reference);
    out.put("suspects", suspects);
    out.putInt("suspect-batches", suspectBatches);
    out.putDouble("sum", sum);
  }

  @Override
  public void load(StateReader in) {
    in.get("reference", reference);
    in.get("suspects", suspects);
    suspectBatches = in.getInt("suspect-batches");
    sum = in.getDouble("sum");
  }
}

package io.acclimate.simulators.data;

import io.acclimate.runtime.AcclimateException;
import java.util.Arrays;
import java.util.Objects;

/** Samples that are float features of one shape. Immutable, safe for all threads. */
public final class FeatureDataset implements Dataset {
  private final String source;
  private final int[] shape;
  private final int sampleValues;
  private final float[] values;
  private final Labels labels;

  /**
   * Creates the dataset.
   *
   * @param source where the samples come from
   * @param shape of one sample, dimensions of 1 or more
   * @param values the samples one after another, each in C order, all finite; kept, not copied, and
   *     not to be written to afterwards
   * @param labels one for each sample
   * @throws AcclimateException if a dimension is not positive, a value is not finite, or the
   *     numbers of values and labels do not fit together
   */
  public FeatureDataset(String source, int[] shape, float[] values, Labels labels) {
    this.source = source;
    this.shape = shape.clone();
    this.values = values;
    this.labels = labels;
    this.sampleValues = sampleValues();
    if (values.length % sampleValues != 0) {
      throw new AcclimateException(
          String.format(
              "%s: expected whole samples of %d values, found %d values",
              source, sampleValues, values.length));
    }
    labels.requireSize(source, values.length / sampleValues);
    requireFinite();
  }

  private int sampleValues() {
    long count = 1;
    for (int dimension : shape) {
      count *= dimension;
      if (dimension < 1 || count > Integer.MAX_VALUE) {
        throw new AcclimateException(
            String.format(
                "%s: expected samples of 1 to 2147483647 values, found shape %s",
                source, Arrays.toString(shape)));
      }
    }
    return (int) count;
  }

  private void requireFinite() {
    for (int i = 0; i < values.length; i++) {
      if (!Float.isFinite(values[i])) {
        throw new AcclimateException(
            String.format(
                "%s: sample %d, value %d: expected a finite 32-bit float, found %s",
                source, i / sampleValues, i % sampleValues, values[i]));
      }
    }
  }

  @Override
  public String source() {
    return source;
  }

  @Override
  public Labels labels() {
    return labels;
  }

  @Override
  public int[] sampleShape() {
    return shape.clone();
  }

  @Override
  public void copySample(int index, float[] target, int offset) {
    int from = Objects.checkIndex(index, size()) * sampleValues;
    System.arraycopy(values, from, target, offset, sampleValues);
  }

  @Override
  public boolean isImage() {
    return false;
  }

  @Override
  public void copyPixels(int index, byte[] target, int offset) {
    throw new UnsupportedOperationException(source + ": expected images, found float features");
  }
}

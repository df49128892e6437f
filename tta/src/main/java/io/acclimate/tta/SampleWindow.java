package io.acclimate.tta;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.state.StateReader;
import io.acclimate.runtime.state.StateWriter;
import io.acclimate.runtime.state.Stateful;
import java.util.Arrays;

/**
 * The latest samples of a stream, for methods that need more than a small batch. A batch at least
 * as large as the window passes as it is. Not thread-safe.
 */
final class SampleWindow implements Stateful {
  private final int capacity;
  private int size;
  private int fresh;
  private int classes;
  private int featureSize;
  private double[] probabilities = new double[0];
  private double[] features = new double[0];
  private double[] joined = new double[0];
  private double[] joinedFeatures = new double[0];

  /** An empty window of this many samples. */
  SampleWindow(int capacity) {
    this.capacity = capacity;
  }

  /** The batch behind the latest samples before it; changes nothing. */
  OutputBatch join(OutputBatch batch) {
    int before = Math.min(size, capacity - batch.size());
    if (before <= 0) {
      return batch;
    }
    requireSizes(batch.classes(), batch.featureSize());
    joined = join(probabilities, batch.probabilities(), classes, before, joined);
    joinedFeatures = join(features, batch.features(), featureSize, before, joinedFeatures);
    int all = before + batch.size();
    return new OutputBatch(all, classes, featureSize, joined, joinedFeatures, null);
  }

  private double[] join(double[] old, double[] latest, int columns, int before, double[] target) {
    int kept = before * columns;
    double[] all =
        target.length == kept + latest.length ? target : new double[kept + latest.length];
    System.arraycopy(old, (size - before) * columns, all, 0, kept);
    System.arraycopy(latest, 0, all, kept, latest.length);
    return all;
  }

  /** Takes a batch in; returns whether the method should learn from the joined batch now. */
  boolean add(OutputBatch batch) {
    if (batch.size() >= capacity) {
      clear();
      return true;
    }
    if (size == 0) {
      classes = batch.classes();
      featureSize = batch.featureSize();
      probabilities = new double[capacity * classes];
      features = new double[capacity * featureSize];
    }
    requireSizes(batch.classes(), batch.featureSize());
    int kept = Math.min(size, capacity - batch.size());
    shift(probabilities, batch.probabilities(), classes, kept);
    shift(features, batch.features(), featureSize, kept);
    size = kept + batch.size();
    fresh += batch.size();
    if (fresh < capacity) {
      return false;
    }
    fresh = 0;
    return true;
  }

  private void shift(double[] stored, double[] latest, int columns, int kept) {
    System.arraycopy(stored, (size - kept) * columns, stored, 0, kept * columns);
    System.arraycopy(latest, 0, stored, kept * columns, latest.length);
  }

  private void requireSizes(int foundClasses, int foundFeatures) {
    if (foundClasses != classes || foundFeatures != featureSize) {
      throw new AcclimateException(
          "expected a batch of %d classes and %d features like those before, found %d and %d"
              .formatted(classes, featureSize, foundClasses, foundFeatures));
    }
  }

  void clear() {
    size = 0;
    fresh = 0;
    classes = 0;
    featureSize = 0;
    probabilities = new double[0];
    features = new double[0];
  }

  @Override
  public void save(StateWriter out) {
    out.putInts("sizes", new int[] {size, fresh, classes, featureSize});
    out.putDoubles("probabilities", Arrays.copyOf(probabilities, size * classes));
    out.putDoubles("features", Arrays.copyOf(features, size * featureSize));
  }

  @Override
  public void load(StateReader in) {
    int[] sizes = in.getInts("sizes", 4);
    double[] latest = in.getDoubles("probabilities", sizes[0] * sizes[2]);
    double[] latestFeatures = in.getDoubles("features", sizes[0] * sizes[3]);
    size = sizes[0];
    fresh = sizes[1];
    classes = sizes[2];
    featureSize = sizes[3];
    probabilities = Arrays.copyOf(latest, capacity * classes);
    features = Arrays.copyOf(latestFeatures, capacity * featureSize);
  }
}

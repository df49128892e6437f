package io.acclimate.tta;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.state.StateReader;
import io.acclimate.runtime.state.StateWriter;
import io.acclimate.runtime.state.Stateful;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The latest samples of a stream, for methods that need more than a small batch. A batch at least
 * as large as the window passes as it is. Not thread-safe.
 */
final class SampleWindow implements Stateful {
  private static final int UNKNOWN = -1;

  private final int capacity;
  private int size;
  private int fresh;
  private int classes;
  private int featureSize;
  private double[] probabilities = new double[0];
  private double[] features = new double[0];
  private double[] joined = new double[0];
  private double[] joinedFeatures = new double[0];
  private int[] labels = new int[0];
  private Tensor inputs;
  private Tensor joinedInputs;

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
    return new OutputBatch(
        all,
        classes,
        featureSize,
        joined,
        joinedFeatures,
        joinLabels(batch, before),
        joinInputs(batch, before));
  }

  /** The labels of the joined batch; null when not all of them are known. */
  private int[] joinLabels(OutputBatch batch, int before) {
    int[] all = Arrays.copyOfRange(labels, size - before, size + batch.size());
    if (batch.labels() == null || contains(all, before, UNKNOWN)) {
      return null;
    }
    System.arraycopy(batch.labels(), 0, all, before, batch.size());
    return all;
  }

  private static boolean contains(int[] values, int count, int value) {
    return Arrays.stream(values, 0, count).anyMatch(found -> found == value);
  }

  /** The inputs of the joined batch; null when the stream's are not known. */
  private Tensor joinInputs(OutputBatch batch, int before) {
    if (inputs == null || batch.input() == null) {
      return null;
    }
    long[] shape = batch.input().shape();
    shape[0] = before + batch.size();
    if (joinedInputs == null || !Arrays.equals(joinedInputs.shape(), shape)) {
      joinedInputs = Tensor.allocate(inputs.type(), shape);
    }
    int row = rowBytes();
    ByteBuffer target = joinedInputs.bytes();
    target.put(inputs.bytes().position((size - before) * row).limit(size * row));
    target.put(batch.input().bytes());
    return joinedInputs;
  }

  private int rowBytes() {
    return inputs.bytes().capacity() / capacity;
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
      labels = new int[capacity];
      inputs = batch.input() == null ? null : room(batch.input());
    }
    requireSizes(batch.classes(), batch.featureSize());
    int kept = Math.min(size, capacity - batch.size());
    shift(probabilities, batch.probabilities(), classes, kept);
    shift(features, batch.features(), featureSize, kept);
    System.arraycopy(labels, size - kept, labels, 0, kept);
    Arrays.fill(labels, kept, kept + batch.size(), UNKNOWN);
    if (batch.labels() != null) {
      System.arraycopy(batch.labels(), 0, labels, kept, batch.size());
    }
    shiftInputs(batch.input(), kept);
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

  /** Zeros for as many samples like these as the window holds. */
  private Tensor room(Tensor samples) {
    long[] shape = samples.shape();
    shape[0] = capacity;
    return Tensor.allocate(samples.type(), shape);
  }

  private void shiftInputs(Tensor latest, int kept) {
    if (inputs == null || latest == null) {
      inputs = null;
      return;
    }
    int row = rowBytes();
    byte[] before = new byte[kept * row];
    inputs.bytes().position((size - kept) * row).get(before);
    inputs.bytes().put(before).put(latest.bytes());
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
    labels = new int[0];
    inputs = null;
  }

  @Override
  public void save(StateWriter out) {
    out.putInts("sizes", new int[] {size, fresh, classes, featureSize});
    out.putDoubles("probabilities", Arrays.copyOf(probabilities, size * classes));
    out.putDoubles("features", Arrays.copyOf(features, size * featureSize));
    if (Arrays.stream(labels, 0, size).anyMatch(l -> l != UNKNOWN)) {
      out.putInts("labels", Arrays.copyOf(labels, size));
    }
    if (inputs != null) {
      out.putTensor("inputs", inputs.rows(size));
    }
  }

  @Override
  public void load(StateReader in) {
    int[] sizes = in.getInts("sizes", 4);
    double[] latest = in.getDoubles("probabilities", sizes[0] * sizes[2]);
    double[] latestFeatures = in.getDoubles("features", sizes[0] * sizes[3]);
    int[] latestLabels = new int[sizes[0]];
    Arrays.fill(latestLabels, UNKNOWN);
    if (in.has("labels")) {
      latestLabels = in.getInts("labels", sizes[0]);
    }
    Tensor latestInputs = in.has("inputs") ? in.getTensor("inputs") : null;
    inputs = latestInputs == null ? null : room(latestInputs);
    if (inputs != null) {
      inputs.bytes().put(latestInputs.bytes());
    }
    labels = Arrays.copyOf(latestLabels, capacity);
    size = sizes[0];
    fresh = sizes[1];
    classes = sizes[2];
    featureSize = sizes[3];
    probabilities = Arrays.copyOf(latest, capacity * classes);
    features = Arrays.copyOf(latestFeatures, capacity * featureSize);
  }
}

package io.acclimate.actors;

import io.acclimate.runtime.Tensor;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * The sizes of calls at which a model gives a row the same bits, whatever rows stand beside it.
 *
 * <p>ONNX Runtime picks its kernels by the size of a call, so a row alone may come out in other
 * last bits than the same row among many. Sizes are therefore tried once, with rows of the kind to
 * come: those that agree form a group, and calls are only made at sizes of the largest group,
 * filled up where rows are missing. Immutable.
 */
final class BatchSizes {
  /** No size at all: each request is run alone, at its own size. */
  static final BatchSizes NONE = new BatchSizes(new TreeSet<>());

  private final NavigableSet<Integer> sizes;

  private BatchSizes(NavigableSet<Integer> sizes) {
    this.sizes = sizes;
  }

  /**
   * Tries the powers of two up to a largest size, and that size itself.
   *
   * @param model runs {@code [rows, ...]} and gives its outputs, {@code [rows, ...]} each
   * @param sample at least one row of the kind to come
   * @param most the largest size, at least 2
   */
  static BatchSizes find(Function<Tensor, Map<String, Tensor>> model, Tensor sample, int most) {
    Tensor probe = probe(sample, most);
    float[][] whole = run(model, probe, most);
    if (!isRowwise(model, probe, whole, most)) {
      return NONE;
    }
    List<Group> groups = new ArrayList<>();
    for (int size = most; size >= 1; size = size == most ? lower(most) : size / 2) {
      float[][] outputs = size == most ? whole : run(model, probe, size);
      join(groups, outputs, size);
    }
    Group best = groups.get(0);
    for (Group group : groups) {
      best = group.sizes.size() > best.sizes.size() ? group : best;
    }
    return new BatchSizes(best.sizes);
  }

  /** The largest power of two below. */
  private static int lower(int most) {
    return Integer.highestOneBit(most - 1);
  }

  /** Sizes that agree, with the outputs of the largest. */
  private record Group(float[][] outputs, NavigableSet<Integer> sizes) {}

  private static void join(List<Group> groups, float[][] outputs, int size) {
    for (Group group : groups) {
      if (equalRows(outputs, 0, group.outputs, 0, size)) {
        group.sizes.add(size);
        return;
      }
    }
    groups.add(new Group(outputs, new TreeSet<>(List.of(size))));
  }

  /** Whether a row comes out the same at another place among the same rows. */
  private static boolean isRowwise(
      Function<Tensor, Map<String, Tensor>> model, Tensor probe, float[][] whole, int most) {
    int row = Math.toIntExact(probe.elements() / most);
    Tensor turned = Tensor.allocate(probe.type(), probe.shape());
    FloatBuffer target = turned.floats();
    target.put(probe.floats().position(row)).put(probe.floats().limit(row));
    float[][] outputs = run(model, turned, most);
    return equalRows(outputs, 0, whole, 1, most - 1);
  }

  private static boolean equalRows(float[][] a, int firstA, float[][] b, int firstB, int rows) {
    for (int i = 0; i < rows; i++) {
      if (!Arrays.equals(a[firstA + i], b[firstB + i])) {
        return false;
      }
    }
    return true;
  }

  /** Rows like the sample's, no two the same. */
  private static Tensor probe(Tensor sample, int rows) {
    long[] shape = sample.shape();
    int given = Math.toIntExact(shape[0]);
    shape[0] = rows;
    Tensor probe = Tensor.allocate(sample.type(), shape);
    int row = Math.toIntExact(probe.elements() / rows);
    FloatBuffer from = sample.floats();
    FloatBuffer to = probe.floats();
    for (int i = 0; i < rows; i++) {
      float scale = 1 - i / (2f * rows);
      for (int k = 0; k < row; k++) {
        to.put(i * row + k, from.get((i % given) * row + k) * scale);
      }
    }
    return probe;
  }

  /** All outputs of each of the first rows, one after another. */
  private static float[][] run(
      Function<Tensor, Map<String, Tensor>> model, Tensor probe, int rows) {
    Map<String, Tensor> outputs = model.apply(probe.rows(rows));
    int width = outputs.values().stream().mapToInt(t -> Math.toIntExact(t.elements() / rows)).sum();
    float[][] values = new float[rows][width];
    int column = 0;
    for (Tensor output : outputs.values()) {
      int columns = Math.toIntExact(output.elements() / rows);
      for (int i = 0; i < rows; i++) {
        output.floats().get(i * columns, values[i], column, columns);
      }
      column += columns;
    }
    return values;
  }

  /** The most rows of a call. */
  int largest() {
    return sizes.isEmpty() ? 0 : sizes.last();
  }

  /** The smallest size that holds so many rows; there must be one. */
  int holding(int rows) {
    return sizes.ceiling(rows);
  }

  @Override
  public String toString() {
    return sizes.toString();
  }
}

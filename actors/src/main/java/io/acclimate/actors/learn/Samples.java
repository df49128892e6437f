package io.acclimate.actors.learn;

import io.acclimate.continual.LabelledBatch;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.Tensor;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.commons.rng.UniformRandomProvider;

/** Joins, picks and orders labelled samples. Stateless. */
final class Samples {
  private Samples() {}

  /** All samples of some batches, in their order. */
  static LabelledBatch join(List<LabelledBatch> batches) {
    int rows = batches.stream().mapToInt(batch -> batch.labels().length).sum();
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    batches.get(0).inputs().forEach((name, like) -> inputs.put(name, allocate(like, rows)));
    int[] labels = new int[rows];
    int taken = 0;
    Map<String, ByteBuffer> targets = new LinkedHashMap<>();
    inputs.forEach((name, tensor) -> targets.put(name, tensor.bytes()));
    for (LabelledBatch batch : batches) {
      requireAlike(batch, inputs);
      batch.inputs().forEach((name, tensor) -> targets.get(name).put(tensor.bytes()));
      System.arraycopy(batch.labels(), 0, labels, taken, batch.labels().length);
      taken += batch.labels().length;
    }
    return new LabelledBatch(inputs, labels);
  }

  private static Tensor allocate(Tensor like, int rows) {
    long[] shape = like.shape();
    shape[0] = rows;
    return Tensor.allocate(like.type(), shape);
  }

  private static void requireAlike(LabelledBatch batch, Map<String, Tensor> inputs) {
    if (!batch.inputs().keySet().equals(inputs.keySet())) {
      throw new AcclimateException(
          "expected samples with inputs %s, found %s"
              .formatted(inputs.keySet(), batch.inputs().keySet()));
    }
    batch
        .inputs()
        .forEach(
            (name, tensor) -> {
              Tensor other = inputs.get(name);
              long[] expected = other.shape();
              expected[0] = tensor.dim(0);
              if (other.type() != tensor.type() || !Arrays.equals(expected, tensor.shape())) {
                throw new AcclimateException(
                    "input '%s': expected samples like %s, found %s"
                        .formatted(name, other, tensor));
              }
            });
  }

  /** Some of the samples, in the order of their numbers. */
  static LabelledBatch pick(LabelledBatch from, int[] rows) {
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    from.inputs()
        .forEach(
            (name, tensor) -> {
              Tensor picked = allocate(tensor, rows.length);
              ByteBuffer source = tensor.bytes();
              ByteBuffer target = picked.bytes();
              int size = source.capacity() / from.labels().length;
              for (int row : rows) {
                target.put(source.duplicate().position(row * size).limit((row + 1) * size));
              }
              inputs.put(name, picked);
            });
    return new LabelledBatch(inputs, Arrays.stream(rows).map(row -> from.labels()[row]).toArray());
  }

  /** Every n-th of so many samples, the last of each n. */
  static int[] heldOut(int count, int every) {
    return IntStream.range(0, count).filter(row -> row % every == every - 1).toArray();
  }

  /** The samples that are not held out. */
  static int[] training(int count, int every) {
    return IntStream.range(0, count).filter(row -> row % every != every - 1).toArray();
  }

  /**
   * So many samples, as many as possible of the class that has the fewest of them: the first ones
   * of each class.
   *
   * @param labels the class of each sample, from 0
   * @param most fewer than there are samples
   * @return their numbers in ascending order
   */
  static int[] spread(int[] labels, int most) {
    SortedMap<Integer, Integer> seen = new TreeMap<>();
    int[] turns = new int[labels.length];
    Arrays.setAll(turns, row -> seen.merge(labels[row], 1, Integer::sum));
    return IntStream.range(0, labels.length)
        .boxed()
        .sorted(Comparator.comparingInt((Integer row) -> turns[row]).thenComparingInt(row -> row))
        .limit(most)
        .mapToInt(Integer::intValue)
        .sorted()
        .toArray();
  }

  /** The same numbers in a random order. */
  static int[] shuffled(int[] rows, SeedTree seeds) {
    UniformRandomProvider random = seeds.generator();
    int[] order = rows.clone();
    for (int i = order.length - 1; i > 0; i--) {
      int other = random.nextInt(i + 1);
      int swapped = order[i];
      order[i] = order[other];
      order[other] = swapped;
    }
    return order;
  }
}

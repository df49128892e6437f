package io.acclimate.simulators.shift;

import io.acclimate.runtime.AcclimateException;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.apache.commons.rng.UniformRandomProvider;
import org.apache.commons.rng.sampling.PermutationSampler;

/** What every label shift starts from: a random draw of the pool, and the draw by class. */
final class ClassPool {
  private ClassPool() {}

  /** Checks what {@link LabelShift#order} asks of its arguments. */
  static void requireArguments(int[] labels, int classes, int n) {
    if (n < 0 || n > labels.length || labels.length == 0) {
      throw new AcclimateException(
          String.format(
              "label shift: expected a number of samples from 1 to the pool's %d, or 0 for all of"
                  + " at least 1, found %d",
              labels.length, n));
    }
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] < 0 || labels[i] >= classes) {
        throw new AcclimateException(
            String.format(
                "label shift: sample %d: expected a label from 0 to %d, found %d",
                i, classes - 1, labels[i]));
      }
    }
  }

  /** Draws n distinct indices of the pool (0: all), evenly, in random order. */
  static int[] draw(int[] labels, int classes, int n, UniformRandomProvider random) {
    requireArguments(labels, classes, n);
    int[] indices = PermutationSampler.natural(labels.length);
    PermutationSampler.shuffle(random, indices);
    return n == 0 ? indices : Arrays.copyOf(indices, n);
  }

  /** Splits indices by their labels, in their order; {@code [classes][samples of the class]}. */
  static int[][] byClass(int[] indices, int[] labels, int classes) {
    int[] sizes = new int[classes];
    for (int index : indices) {
      sizes[labels[index]]++;
    }
    int[][] groups = new int[classes][];
    Arrays.setAll(groups, c -> new int[sizes[c]]);
    int[] next = new int[classes];
    for (int index : indices) {
      int label = labels[index];
      groups[label][next[label]++] = index;
    }
    return groups;
  }

  /** The classes that have samples, ascending. */
  static int[] present(int[][] groups) {
    return IntStream.range(0, groups.length).filter(c -> groups[c].length > 0).toArray();
  }
}

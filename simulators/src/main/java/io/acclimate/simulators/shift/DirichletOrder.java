package io.acclimate.simulators.shift;

import io.acclimate.runtime.AcclimateException;
import java.util.Arrays;
import org.apache.commons.rng.UniformRandomProvider;
import org.apache.commons.rng.sampling.PermutationSampler;
import org.apache.commons.rng.sampling.distribution.DirichletSampler;

/**
 * Labels that are correlated in time, as NOTE makes them (Gong et al., "NOTE: Robust Continual
 * Test-time Adaptation Against Temporal Correlation", NeurIPS 2022): the stream is cut into as many
 * chunks as there are classes, and each class is spread over the chunks by proportions drawn from a
 * symmetric Dirichlet distribution. Chunks that already hold an even share or more take nothing.
 * Within a chunk the classes come one after another in random order.
 *
 * <p>A draw that leaves a chunk with fewer than min(10, floor(N / (4 C))) samples is thrown away.
 * With a small concentration and many classes of unequal size there may be no other; that is an
 * error after a fixed number of draws. Memory is C x C numbers.
 *
 * @param concentration delta, from 0.001; a class gathers in few chunks when it is small (0.1 is
 *     the paper's), and the order nears {@link EvenShuffle}'s mixture when it is large
 */
public record DirichletOrder(double concentration) implements LabelShift {
  /** Below it, gamma variates are mostly smaller than the smallest double. */
  private static final double MIN_CONCENTRATION = 1e-3;

  private static final int MAX_DRAWS = 10_000;

  /** Draws cost C x C; with many classes there are fewer, so that an error takes seconds. */
  private static final long MAX_VARIATES = 100_000_000;

  private static final int MIN_DRAWS = 20;
  private static final int MAX_SMALLEST_CHUNK = 10;

  /**
   * Checks the range.
   *
   * @throws AcclimateException if it is not met
   */
  public DirichletOrder {
    if (!(concentration >= MIN_CONCENTRATION) || Double.isInfinite(concentration)) {
      throw new AcclimateException(
          "concentration: expected a finite number from 0.001, found " + concentration);
    }
  }

  @Override
  public int[] order(int[] labels, int classes, int n, UniformRandomProvider random) {
    int[] drawn = ClassPool.draw(labels, classes, n, random);
    int[][] groups = ClassPool.byClass(drawn, labels, classes);
    int[][] shares = sharesOfChunks(groups, drawn.length, random);
    int[] result = new int[drawn.length];
    int[] next = new int[classes];
    int[] order = PermutationSampler.natural(classes);
    int filled = 0;
    for (int chunk = 0; chunk < classes; chunk++) {
      PermutationSampler.shuffle(random, order);
      for (int label : order) {
        int share = shares[label][chunk];
        System.arraycopy(groups[label], next[label], result, filled, share);
        next[label] += share;
        filled += share;
      }
    }
    return result;
  }

  /** How many samples of each class each chunk gets: {@code [classes][chunks]}. */
  private int[][] sharesOfChunks(int[][] groups, int samples, UniformRandomProvider random) {
    int classes = groups.length;
    if (classes == 1) {
      return new int[][] {{samples}};
    }
    DirichletSampler dirichlet = DirichletSampler.symmetric(random, classes, concentration);
    long smallest = Math.min(MAX_SMALLEST_CHUNK, samples / (4L * classes));
    long affordable = MAX_VARIATES / ((long) classes * classes);
    int draws = (int) Math.max(MIN_DRAWS, Math.min(MAX_DRAWS, affordable));
    for (int draw = 0; draw < draws; draw++) {
      int[] sizes = new int[classes];
      int[][] shares = new int[classes][];
      for (int label = 0; label < classes; label++) {
        shares[label] = split(groups[label].length, dirichlet, sizes, samples / (double) classes);
      }
      if (Arrays.stream(sizes).min().getAsInt() >= smallest) {
        return shares;
      }
    }
    throw new AcclimateException(
        String.format(
            "label shift dirichlet: expected %d chunks of %d samples or more, found none in %d"
                + " draws with concentration %s and %d samples; a larger concentration has more",
            classes, smallest, draws, concentration, samples));
  }

  /** Spreads one class over the chunks that are not full, and adds it to their sizes. */
  private static int[] split(int count, DirichletSampler dirichlet, int[] sizes, double full) {
    int[] shares = new int[sizes.length];
    if (Arrays.stream(sizes).allMatch(size -> size >= full)) {
      return shares; // All samples are dealt out; the class has none.
    }
    double[] cumulative = cumulativeOverOpen(dirichlet, sizes, full);
    double sum = cumulative[sizes.length - 1];
    int given = 0;
    for (int chunk = 0; chunk < sizes.length; chunk++) {
      // The division is exact, 1, from the last open chunk on: no sample is lost to rounding.
      int end = (int) (cumulative[chunk] / sum * count);
      shares[chunk] = end - given;
      sizes[chunk] += shares[chunk];
      given = end;
    }
    return shares;
  }

  /** Draws proportions until an open chunk has one that is not zero; there is an open chunk. */
  private static double[] cumulativeOverOpen(DirichletSampler dirichlet, int[] sizes, double full) {
    double[] cumulative;
    do {
      cumulative = dirichlet.sample();
      double sum = 0;
      for (int chunk = 0; chunk < sizes.length; chunk++) {
        sum += sizes[chunk] < full ? cumulative[chunk] : 0;
        cumulative[chunk] = sum;
      }
    } while (!(cumulative[sizes.length - 1] > 0));
    return cumulative;
  }
}

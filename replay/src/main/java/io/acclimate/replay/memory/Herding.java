package io.acclimate.replay.memory;

import java.util.ArrayList;
import java.util.List;

/**
 * Selects samples whose mean is near the mean of all (Welling, "Herding dynamical weights to
 * learn", ICML 2009; Rebuffi et al., iCaRL, CVPR 2017). A selection of m samples is the beginning
 * of a selection of more.
 */
public final class Herding {
  private static final double TINY = 1e-8;

  private Herding() {}

  /**
   * Greedy selection: each next sample brings the mean of those selected nearest to the target; the
   * first wins a tie.
   *
   * @param rows {@code [n][d]}
   * @param target {@code [d]} the mean to come near to
   * @param count how many to select, at most n
   * @return their numbers in the order of selection
   */
  public static int[] select(double[][] rows, double[] target, int count) {
    int d = target.length;
    int[] selected = new int[count];
    boolean[] taken = new boolean[rows.length];
    double[] sum = new double[d];
    for (int k = 0; k < count; k++) {
      int best = -1;
      double bestDistance = Double.POSITIVE_INFINITY;
      for (int i = 0; i < rows.length; i++) {
        double distance = taken[i] ? Double.NaN : distance(target, sum, rows[i], k + 1);
        if (distance < bestDistance) {
          best = i;
          bestDistance = distance;
        }
      }
      taken[best] = true;
      selected[k] = best;
      for (int j = 0; j < d; j++) {
        sum[j] += rows[best][j];
      }
    }
    return selected;
  }

  private static double distance(double[] target, double[] sum, double[] row, int count) {
    double squares = 0;
    for (int j = 0; j < target.length; j++) {
      double difference = target[j] - (row[j] + sum[j]) / count;
      squares += difference * difference;
    }
    return Math.sqrt(squares);
  }

  /**
   * Selection by herding dynamics, as LAE's memory has it: a weight starts at the mean, takes the
   * sample it points to most, and moves on by the mean less that sample. A sample that comes up
   * again counts once but still moves the weight; after 1000 moves the selection ends, so it may be
   * shorter than asked for.
   *
   * @param rows {@code [n][d]}
   * @param count how many to select
   * @return their numbers in the order of selection
   */
  public static int[] selectByDynamics(double[][] rows, int count) {
    double[] mean = mean(rows);
    double[] weight = mean.clone();
    List<Integer> selected = new ArrayList<>();
    for (int move = 0; move < 1000 && selected.size() < count; move++) {
      int best = 0;
      double bestProduct = Double.NEGATIVE_INFINITY;
      for (int i = 0; i < rows.length; i++) {
        double product = 0;
        for (int j = 0; j < mean.length; j++) {
          product += rows[i][j] * weight[j];
        }
        if (product > bestProduct) {
          best = i;
          bestProduct = product;
        }
      }
      if (!selected.contains(best)) {
        selected.add(best);
      }
      for (int j = 0; j < mean.length; j++) {
        weight[j] += mean[j] - rows[best][j];
      }
    }
    return selected.stream().mapToInt(Integer::intValue).toArray();
  }

  /** The mean of all rows, {@code [d]}. */
  public static double[] mean(double[][] rows) {
    double[] mean = new double[rows[0].length];
    for (double[] row : rows) {
      for (int j = 0; j < mean.length; j++) {
        mean[j] += row[j] / rows.length;
      }
    }
    return mean;
  }

  /** A row by its length; a row of zeros stays. */
  public static double[] normalised(double[] row) {
    double squares = 0;
    for (double value : row) {
      squares += value * value;
    }
    double[] unit = new double[row.length];
    for (int j = 0; j < row.length; j++) {
      unit[j] = row[j] / (Math.sqrt(squares) + TINY);
    }
    return unit;
  }
}

package io.acclimate.continual.mamba;

import java.util.Arrays;
import org.apache.commons.rng.UniformRandomProvider;
import org.apache.commons.rng.sampling.PermutationSampler;

/**
 * Token maps with their classes, as one step is made on.
 *
 * @param maps {@code [rows][tokens * width]}
 * @param labels {@code [rows]}
 * @param partners {@code [rows]}: the class of the map that each row is half mixed with; empty
 *     where nothing is mixed
 */
record MapBatch(double[][] maps, int[] labels, int[] partners) {
  /** Maps as they are. */
  static MapBatch of(double[][] maps, int[] labels) {
    return new MapBatch(maps, labels, new int[0]);
  }

  /** Each map becomes the mean of itself and one of the others, drawn without putting back. */
  MapBatch mixed(UniformRandomProvider random) {
    int[] order = PermutationSampler.natural(labels.length);
    PermutationSampler.shuffle(random, order);
    double[][] mixed = new double[maps.length][];
    int[] others = new int[labels.length];
    for (int row = 0; row < mixed.length; row++) {
      double[] own = maps[row];
      double[] other = maps[order[row]];
      mixed[row] = new double[own.length];
      Arrays.setAll(mixed[row], i -> 0.5 * (own[i] + other[i]));
      others[row] = labels[order[row]];
    }
    return new MapBatch(mixed, labels, others);
  }

  boolean isMixed() {
    return partners.length > 0;
  }

  /**
   * Feeds a model: rows that are left over repeat the last one and count nothing.
   *
   * @param balanced whether every class counts the same, else every row
   */
  void feed(BranchModel model, EtfHead head, boolean balanced) {
    int size = head.columns().length / head.classes();
    double[] directions = new double[BranchModel.TARGETS * size];
    for (int row = 0; row < model.rows(); row++) {
      int at = Math.min(row, labels.length - 1);
      model.putMap(row, maps[at]);
      int other = isMixed() ? partners[at] : labels[at];
      System.arraycopy(head.columns(), labels[at] * size, directions, 0, size);
      System.arraycopy(head.columns(), other * size, directions, size, size);
      double weight = row < labels.length ? weight(labels[at], balanced) : 0;
      double half = isMixed() ? weight(other, balanced) / 2 : 0;
      double first = isMixed() ? weight / 2 : weight;
      model.putTargets(row, directions, new double[] {first, row < labels.length ? half : 0});
    }
  }

  private double weight(int label, boolean balanced) {
    if (!balanced) {
      return 1.0 / labels.length;
    }
    long kinds = Arrays.stream(labels).distinct().count();
    long count = Arrays.stream(labels).filter(one -> one == label).count();
    return 1.0 / (kinds * count);
  }
}

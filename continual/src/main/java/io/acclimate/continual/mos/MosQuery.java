package io.acclimate.continual.mos;

import io.acclimate.bank.retrieval.RetrievalQuery;
import io.acclimate.continual.ClassBlocks;
import java.util.Arrays;
import java.util.stream.IntStream;

/** Answers the retrieval of MOS about a batch: each adapter runs once for all who ask for it. */
final class MosQuery implements RetrievalQuery {
  private final ClassBlocks blocks;
  private final double[][] cosines;
  private final double[] weights;
  private final double[] biases;
  private final Features features;

  /** Gives features under the adapter of a task. */
  @FunctionalInterface
  interface Features {
    /**
     * Computes features.
     *
     * @return {@code [rows, size]}, row by row; may be longer, and is only read
     */
    double[] of(int task, int[] rows);
  }

  /**
   * A query about samples.
   *
   * @param cosines with the prototypes, {@code [rows][classes]}
   * @param weights of the head, {@code [classes, size]}
   * @param biases of the head, {@code [classes]}
   */
  MosQuery(
      ClassBlocks blocks,
      double[][] cosines,
      double[] weights,
      double[] biases,
      Features features) {
    this.blocks = blocks;
    this.cosines = cosines;
    this.weights = weights;
    this.biases = biases;
    this.features = features;
  }

  @Override
  public int rows() {
    return cosines.length;
  }

  @Override
  public int taskOf(int label) {
    return blocks.of(label);
  }

  @Override
  public double[] prototypeScores(int row) {
    return cosines[row];
  }

  @Override
  public double[][] logits(int[] rows, int[] tasks) {
    int size = weights.length / biases.length;
    double[][] logits = new double[rows.length][biases.length];
    for (int task : Arrays.stream(tasks).distinct().toArray()) {
      int[] asking = IntStream.range(0, rows.length).filter(i -> tasks[i] == task).toArray();
      double[] found = features.of(task, Arrays.stream(asking).map(i -> rows[i]).toArray());
      for (int i = 0; i < asking.length; i++) {
        HeadLogits.compute(weights, biases, found, i * size, logits[asking[i]]);
      }
    }
    return logits;
  }
}

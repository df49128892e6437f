package io.acclimate.continual.conpet;

import io.acclimate.continual.ClassBlocks;
import java.util.Arrays;

/**
 * The logits over all classes that modules give together: each module that was asked fills the
 * block of its own classes, and all other classes are all but impossible. Stateless.
 */
final class AssembledLogits {
  /** The logit of a class whose module was not asked. */
  static final double NOT_ASKED = -100;

  private AssembledLogits() {}

  /** Marks the first so many classes of all rows as not asked. */
  static void clear(double[] logits, int values) {
    Arrays.fill(logits, 0, values, NOT_ASKED);
  }

  /**
   * Fills the block of a module in one row.
   *
   * @param logits {@code [rows, classes]}, row by row
   * @param ofModule {@code [n, size of the block]}, the logits of a module, row by row
   * @param from which of the module's rows is meant
   */
  static void put(
      double[] logits,
      int row,
      int classes,
      ClassBlocks blocks,
      int block,
      double[] ofModule,
      int from) {
    int size = blocks.size(block);
    System.arraycopy(ofModule, from * size, logits, row * classes + blocks.start(block), size);
  }
}

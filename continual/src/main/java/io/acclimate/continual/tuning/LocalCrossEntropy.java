package io.acclimate.continual.tuning;

import io.acclimate.runtime.graph.Ops;
import io.acclimate.runtime.train.Losses;

/**
 * Cross-entropy in which only some classes compete, as a graph: the other classes' logits get a
 * gradient of exactly 0, so what their rows of a head have learned stays.
 *
 * <p>Over the classes of the present task alone it is the loss of LAE (Gao et al., ICCV 2023, arXiv
 * 2303.10070) and, as masking by minus infinity, of MOS (Sun et al., AAAI 2025, arXiv 2412.09441).
 */
public final class LocalCrossEntropy {
  private LocalCrossEntropy() {}

  /**
   * Appends the loss.
   *
   * @param logits {@code [batch, classes]}
   * @param labels {@code [batch]}, int64, classes that compete
   * @param weights {@code [batch]} of the logits' type, not all 0: 0 leaves a row out
   * @param open {@code [classes]} of the logits' type: 1 for a class that competes, else 0
   * @return the name of a scalar
   */
  public static String append(Ops ops, String logits, String labels, String weights, String open) {
    String bySample = Losses.crossEntropy(ops, Losses.openClasses(ops, logits, open), labels);
    return Losses.weightedMean(ops, bySample, weights);
  }
}

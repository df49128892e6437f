package io.acclimate.bank.pet;

/** How a head makes logits of features. */
public enum HeadKind {
  /** The product with each class's weights, plus a bias. */
  LINEAR,
  /**
   * The cosine with each class's weights, times a fixed scale: no class can win by longer weights
   * or a greater bias, which matters where classes are learned at different times (Hou et al.,
   * Learning a Unified Classifier Incrementally via Rebalancing, CVPR 2019).
   */
  COSINE
}

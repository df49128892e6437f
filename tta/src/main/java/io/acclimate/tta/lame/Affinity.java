package io.acclimate.tta.lame;

/** How LAME finds two samples to be alike; {@code d} is the distance of their unit features. */
public enum Affinity {
  /** 1 for the nearest neighbours of a sample, 0 for all others; not symmetric. */
  KNN,
  /** exp(-d^2 / 2s^2), where s is the mean distance to the k-th neighbour, the sample included. */
  RBF,
  /** The cosine of the two features; may be negative. */
  LINEAR
}

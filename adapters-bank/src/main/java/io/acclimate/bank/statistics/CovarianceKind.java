package io.acclimate.bank.statistics;

/** How much is remembered of the spread of a class; the sizes are for d features. */
public enum CovarianceKind {
  /** Nothing: 8 d bytes for the mean. */
  NONE,
  /** The variance of each feature: 16 d bytes. */
  DIAGONAL,
  /** The strongest directions and the variance of each feature: 16 d + 8 d rank bytes. */
  LOW_RANK,
  /** Every covariance: 8 d + 4 d (d + 1) bytes, 2.4 MB at d = 768. */
  FULL
}

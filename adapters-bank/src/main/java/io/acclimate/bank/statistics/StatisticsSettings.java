package io.acclimate.bank.statistics;

import io.acclimate.runtime.settings.SettingsReader;

/**
 * How class statistics are kept; defaults and meanings stand in this module's {@code
 * reference.conf} under {@code acclimate.class-statistics}.
 *
 * @param covariance what is remembered of the spread
 * @param rank directions of {@link CovarianceKind#LOW_RANK}
 * @param ridge added to every variance when features are drawn
 */
public record StatisticsSettings(CovarianceKind covariance, int rank, double ridge) {
  /** Means alone. */
  public static final StatisticsSettings MEANS = new StatisticsSettings(CovarianceKind.NONE, 1, 0);

  /** Reads settings and leaves their mistakes with the reader. */
  public static StatisticsSettings read(SettingsReader reader) {
    reader.rejectUnknown();
    return new StatisticsSettings(
        reader.choice("covariance", CovarianceKind.class),
        reader.integer("rank", 1, 4096),
        reader.number("ridge", 0, 1e6));
  }

  /** Empty statistics of one class with features of this size. */
  public FeatureStatistics create(int dimension) {
    return switch (covariance) {
      case NONE -> new MeanStatistics(dimension);
      case DIAGONAL -> new DiagonalStatistics(dimension);
      case LOW_RANK -> new LowRankStatistics(dimension, rank);
      case FULL -> new FullStatistics(dimension);
    };
  }
}

package io.acclimate.tta.auto;

import io.acclimate.runtime.settings.SettingsReader;
import io.acclimate.tta.labelshift.LabelShiftEmSettings;
import io.acclimate.tta.lame.LameSettings;

/**
 * The settings of {@link AutoCorrector}; the defaults stand in this module's {@code
 * reference.conf}.
 *
 * @param memorySamples samples after which the weight of a sample in the signals has fallen to 1/e
 * @param batchStrength samples of the long-run distribution that are added to those of a batch
 * @param blockSamples samples of a block, whose label distributions are compared, at least 1
 * @param minSamples fewest samples of a batch that its own label distribution is estimated of
 * @param correlated evidence from which labels are taken to come in runs
 * @param uncorrelated evidence below which they no longer are; at most {@code correlated}
 * @param shifted evidence from which the label distribution in the long run is taken to have moved
 * @param fewClasses effective classes of a batch up to which neighbours are trusted
 * @param concentrated effective classes of a batch, relative to those of the long run, up to which
 *     the batch's own label distribution is used
 * @param featureShift distance of a batch's features from those that the source's classes give,
 *     from which the method that the gate sits on learns; 0: always
 * @param featureGain how much nearer to the source's than the frozen model's the features of the
 *     method that the gate sits on have to be, for its answer to count
 * @param longRun how the distribution in the long run is estimated
 * @param lame how neighbours are used
 */
public record AutoSettings(
    double memorySamples,
    double batchStrength,
    int blockSamples,
    int minSamples,
    double correlated,
    double uncorrelated,
    double shifted,
    double fewClasses,
    double concentrated,
    double featureShift,
    double featureGain,
    LabelShiftEmSettings longRun,
    LameSettings lame) {

  static AutoSettings read(SettingsReader settings) {
    double correlated = settings.number("correlated", 0, 1e9);
    double uncorrelated = settings.number("uncorrelated", 0, 1e9);
    if (uncorrelated > correlated) {
      settings.problem("uncorrelated", "expected at most correlated = " + correlated);
    }
    return new AutoSettings(
        settings.number("memory-samples", 1, 1e9),
        settings.number("batch-strength", 0, 1e9),
        settings.integer("block-samples", 1, 100_000),
        settings.integer("min-samples", 1, 100_000),
        correlated,
        uncorrelated,
        settings.number("shifted", 0, 1e9),
        settings.number("few-classes", 0, 1e9),
        settings.number("concentrated", 0, 1),
        settings.number("feature-shift", 0, 1e9),
        settings.number("feature-gain", -1e9, 1e9),
        LabelShiftEmSettings.read(settings.child("long-run")),
        LameSettings.defaults());
  }
}

package io.acclimate.simulators.cli;

import io.acclimate.actors.RuntimeSettings;
import io.acclimate.runtime.FrozenModel;
import io.acclimate.simulators.data.Dataset;
import io.acclimate.simulators.run.SourceCollector;
import io.acclimate.tta.SourceStatistics;
import picocli.CommandLine.Command;

/** Takes the statistics of the source that some methods use. */
@Command(
    name = "source-statistics",
    description = {
      "Writes what methods may know of the source from labelled samples.",
      "Runs the model once and writes label distribution, mean features and mean "
          + "answers of each class. No sample is kept. A scenario names the file in "
          + "model.source-statistics. Take training data, never test data."
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class)
final class SourceStatisticsCommand extends SourceCommand<SourceStatistics> {
  @Override
  SourceStatistics find(FrozenModel model, Dataset data) {
    RuntimeSettings outputs = RuntimeSettings.defaults();
    return SourceCollector.collect(model, outputs.logitsOutput(), outputs.featuresOutput(), data);
  }

  @Override
  String describe(SourceStatistics found, Dataset data) {
    return "statistics of %d samples of %d classes".formatted(found.samples(), found.classes());
  }
}

package io.acclimate.simulators.cli;

import io.acclimate.actors.RuntimeSettings;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.FrozenModel;
import io.acclimate.simulators.data.Dataset;
import io.acclimate.simulators.run.SourceCollector;
import io.acclimate.tta.SourceFisher;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Measures how much each weight matters to the source, for the methods that hold weights. */
@Command(
    name = "source-fisher",
    description = {
      "Measures how much each weight matters to source samples.",
      "Runs the model forward and backward once and writes the diagonal of the Fisher "
          + "information, two bytes for each weight. EATA and PSMT need it; a scenario names "
          + "the file in model.source-fisher. Take training data."
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class)
final class SourceFisherCommand extends SourceCommand<SourceFisher> {
  @Option(
      names = "--samples",
      paramLabel = "N",
      description = "How many samples, from the first on; ${DEFAULT-VALUE} by default.")
  private int samples = 10_000;

  @Option(
      names = "--batch-size",
      paramLabel = "N",
      description = "Samples whose gradient is averaged; ${DEFAULT-VALUE} by default.")
  private int batchSize = 64;

  @Override
  void check() {
    if (samples < 1 || batchSize < 1) {
      throw new AcclimateException(
          "--samples and --batch-size: expected at least 1, found %d and %d"
              .formatted(samples, batchSize));
    }
  }

  @Override
  SourceFisher find(FrozenModel model, Dataset data) {
    return SourceCollector.fisher(
        model, RuntimeSettings.defaults().logitsOutput(), data, samples, batchSize);
  }

  @Override
  String describe(SourceFisher found, Dataset data) {
    return "Fisher information of %d samples".formatted(Math.min(samples, data.size()));
  }
}

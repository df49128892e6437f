package io.acclimate.simulators.cli;

import io.acclimate.actors.RuntimeSettings;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.FrozenModel;
import io.acclimate.simulators.data.Dataset;
import io.acclimate.simulators.run.SourceCollector;
import io.acclimate.tta.SourceConsistency;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Learns the consistency loss that ITTA needs. */
@Command(
    name = "source-consistency",
    description = {
      "Learns ITTA's consistency loss on labelled source samples.",
      "The model stays frozen; written are two numbers for each feature and layer. A "
          + "scenario names the file in model.source-consistency. Take training data."
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class)
final class SourceConsistencyCommand extends SourceCommand<SourceConsistency> {
  @Option(names = "--steps", paramLabel = "N", description = "Steps; ${DEFAULT-VALUE} by default.")
  private int steps = 300;

  @Option(
      names = "--batch-size",
      paramLabel = "N",
      description = "Samples of a step; ${DEFAULT-VALUE} by default.")
  private int batchSize = 32;

  @Option(
      names = "--rate",
      paramLabel = "RATE",
      description = "Learning rate of Adam; ${DEFAULT-VALUE} by default.")
  private double rate = 1e-3;

  @Option(
      names = "--seed",
      paramLabel = "SEED",
      description = "Seed of all draws; ${DEFAULT-VALUE} by default.")
  private long seed = 1;

  @Override
  void check() {
    if (steps < 1 || batchSize < 2 || !(rate >= 0)) {
      throw new AcclimateException(
          "expected --steps from 1, --batch-size from 2, --rate from 0; found %d, %d, %s"
              .formatted(steps, batchSize, rate));
    }
  }

  @Override
  SourceConsistency find(FrozenModel model, Dataset data) {
    RuntimeSettings outputs = RuntimeSettings.defaults();
    return SourceCollector.consistency(
        model,
        outputs.logitsOutput(),
        outputs.featuresOutput(),
        data,
        new SourceCollector.ConsistencyPlan(steps, batchSize, rate, seed));
  }

  @Override
  String describe(SourceConsistency found, Dataset data) {
    return "consistency loss of %d features".formatted(found.featureSize());
  }
}

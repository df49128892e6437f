package io.acclimate.simulators.cli;

import io.acclimate.actors.RuntimeSettings;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.FrozenModel;
import io.acclimate.simulators.data.Dataset;
import io.acclimate.simulators.run.SourceCollector;
import io.acclimate.tta.SourceConsistency;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

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
  @Mixin private final TrainingOptions training = new TrainingOptions(300, 32);

  @Override
  void check() {
    if (training.steps() < 1 || training.batchSize() < 2 || !(training.rate() >= 0)) {
      throw new AcclimateException(
          "expected --steps from 1, --batch-size from 2, --rate from 0; found %d, %d, %s"
              .formatted(training.steps(), training.batchSize(), training.rate()));
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
        new SourceCollector.ConsistencyPlan(
            training.steps(), training.batchSize(), training.rate(), training.seed()));
  }

  @Override
  String describe(SourceConsistency found, Dataset data) {
    return "consistency loss of %d features".formatted(found.featureSize());
  }
}

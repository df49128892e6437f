package io.acclimate.simulators.cli;

import io.acclimate.actors.RuntimeSettings;
import io.acclimate.runtime.FrozenModel;
import io.acclimate.simulators.data.Dataset;
import io.acclimate.simulators.run.SourceCollector;
import io.acclimate.tta.SourceLabelShift;
import io.acclimate.tta.labelshift.LabelCondition;
import io.acclimate.tta.labelshift.LabelShiftPlan;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Learns the adapter that the method label-shift-adapter needs. */
@Command(
    name = "source-label-shift",
    description = {
      "Learns a label shift adapter on labelled source samples.",
      "The model stays frozen; written is a small network from a label distribution to "
          + "changes of the model's last layer. A scenario names the file in "
          + "model.source-label-shift. Take training data."
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class)
final class SourceLabelShiftCommand extends SourceCommand<SourceLabelShift> {
  @Option(
      names = "--condition",
      paramLabel = "KIND",
      converter = ConditionConverter.class,
      description =
          "What the adapter is told of a label distribution: shares (each class's; the default) or"
              + " imbalance-degree (one number between forward and backward long tail, as the"
              + " paper has it).")
  private LabelCondition.Kind condition = LabelCondition.Kind.SHARES;

  @Option(
      names = "--imbalance-factor",
      paramLabel = "FACTOR",
      description =
          "How much rarer the rarest class may be than the commonest; ${DEFAULT-VALUE} by default.")
  private double imbalanceFactor = 50;

  @Option(
      names = "--hidden",
      paramLabel = "N",
      description = "Hidden units; ${DEFAULT-VALUE} by default.")
  private int hidden = 64;

  @Option(
      names = "--rank",
      paramLabel = "N",
      description =
          "Directions in which the last layer's weights may change; ${DEFAULT-VALUE} by default.")
  private int rank = 8;

  @Option(
      names = "--temperature",
      paramLabel = "T",
      description =
          "What log label distributions in the loss are multiplied by; ${DEFAULT-VALUE} by"
              + " default.")
  private double temperature = 1;

  @Mixin private final TrainingOptions training = new TrainingOptions(3000, 256);

  /** Reads conditions in kebab-case. */
  static final class ConditionConverter extends KebabConverter<LabelCondition.Kind> {
    ConditionConverter() {
      super(LabelCondition.Kind.class);
    }
  }

  private LabelShiftPlan plan() {
    return new LabelShiftPlan(
        condition,
        imbalanceFactor,
        hidden,
        rank,
        temperature,
        training.steps(),
        training.batchSize(),
        training.rate(),
        training.seed());
  }

  @Override
  void check() {
    plan();
  }

  @Override
  SourceLabelShift find(FrozenModel model, Dataset data) {
    RuntimeSettings outputs = RuntimeSettings.defaults();
    return SourceCollector.labelShift(
        model, outputs.logitsOutput(), outputs.featuresOutput(), data, plan());
  }

  @Override
  String describe(SourceLabelShift found, Dataset data) {
    return "label shift adapter of %d classes and %d features"
        .formatted(found.classes(), found.featureSize());
  }
}

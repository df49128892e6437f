package io.acclimate.actors.learn;

import io.acclimate.bank.pet.Pooling;
import io.acclimate.bank.store.AdapterBank;
import io.acclimate.continual.Backbone;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.FrozenModel;
import io.acclimate.runtime.ModelOptions;
import io.acclimate.runtime.graph.ModelGraph;
import io.acclimate.runtime.graph.Specializer;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What a background learner works with. Immutable; the bank belongs to the caller.
 *
 * @param backbone the frozen model; a training step takes as many samples as its batch. Its options
 *     say how many threads a step may take
 * @param logits the backbone's output with the frozen model's logits, {@code [batch, classes]};
 *     empty when it has none
 * @param modelSha256 the hash of the frozen model, for the cards of adapters
 * @param bank where adapters are published
 * @param folder what the learner keeps between two lives; of this learner alone
 * @param listener hears what it does
 */
public record LearnerParts(
    Backbone backbone,
    Optional<String> logits,
    String modelSha256,
    AdapterBank bank,
    Path folder,
    LearnerListener listener) {
  /**
   * Checks the output.
   *
   * @throws AcclimateException when the backbone has no output of that name
   */
  public LearnerParts {
    logits.ifPresent(
        name -> {
          if (!backbone.graph().outputs().contains(name)) {
            throw new AcclimateException(
                "model %s has no output '%s'; it has %s"
                    .formatted(backbone.graph().name(), name, backbone.graph().outputs()));
          }
        });
  }

  /**
   * What it takes to learn from a model that has a batch of samples as its only open dimension.
   *
   * @param logits the model's output with the logits, {@code ""} when it has none
   * @param features the model's output with the features
   */
  public static LearnerParts of(
      FrozenModel model,
      String logits,
      String features,
      LearnerSettings settings,
      AdapterBank bank,
      Path folder) {
    ModelGraph graph = Specializer.of(model.name(), model.bytes()).withBatch(settings.batchSize());
    ModelOptions options = new ModelOptions(model.device(), settings.threads());
    return new LearnerParts(
        new Backbone(graph, features, Pooling.MEAN, "", options),
        logits.isEmpty() ? Optional.empty() : Optional.of(logits),
        model.sha256(),
        bank,
        folder,
        LearnerListener.NONE);
  }

  /** The same parts with another listener. */
  public LearnerParts withListener(LearnerListener other) {
    return new LearnerParts(backbone, logits, modelSha256, bank, folder, other);
  }
}

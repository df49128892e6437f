package io.acclimate.simulators.train;

import io.acclimate.runtime.ModelOptions;
import io.acclimate.simulators.scenario.DataSource;
import java.nio.file.Path;
import java.util.Map;

/**
 * What is trained, on what and how, as read from a file.
 *
 * @param name what the model is called
 * @param description one sentence for the model card
 * @param licence of the trained model, for its card; may be empty
 * @param seed the root of every random choice
 * @param network what is trained
 * @param options where training runs
 * @param data what is learned
 * @param evaluation what the trained model is judged on, once, after the last epoch
 * @param recipe how training goes
 * @param output the ONNX file to write; the model card stands beside it
 * @param settings all settings in force, for the model card
 */
public record TrainingScenario(
    String name,
    String description,
    String licence,
    long seed,
    VisionTransformer network,
    ModelOptions options,
    DataSource data,
    DataSource evaluation,
    Recipe recipe,
    Path output,
    Map<String, Object> settings) {

  /**
   * How training goes.
   *
   * @param epochs passes over the data
   * @param batchSize samples of a step
   * @param rate the highest learning rate
   * @param warmUp the share of steps over which the rate rises
   * @param weightDecay of matrices and kernels; biases and norms do not shrink
   * @param clipNorm the longest gradient; infinite for none
   * @param averageKeep how much of the running average of weights each step keeps; 0 for none
   * @param flip whether images are mirrored at random
   * @param shift the most pixels by which images are moved at random
   */
  public record Recipe(
      int epochs,
      int batchSize,
      double rate,
      double warmUp,
      double weightDecay,
      double clipNorm,
      double averageKeep,
      boolean flip,
      int shift) {}
}

package io.acclimate.simulators.train;

import com.typesafe.config.Config;
import io.acclimate.bank.pet.PetModule;
import io.acclimate.bank.pet.Pooling;
import io.acclimate.runtime.ModelOptions;
import io.acclimate.simulators.scenario.DataSource;
import java.nio.file.Path;
import java.util.Map;

/**
 * Which modules are trained inside of which frozen model, on what and how, as read from a file.
 *
 * @param name what the adapter is called
 * @param seed the root of every random choice
 * @param model where the model is
 * @param options where training runs
 * @param features the output that the head reads
 * @param pooling how tokens become features
 * @param tokenizer where the tokeniser is, for texts
 * @param tokens of a text
 * @param data what is learned
 * @param heldOut the share of each class that judges
 * @param modules the modules by name
 * @param moduleSettings the settings they were made with, for the card
 * @param recipe how training goes
 * @param output the adapter's file
 */
public record AdapterScenario(
    String name,
    long seed,
    ModelLocation model,
    ModelOptions options,
    String features,
    Pooling pooling,
    ModelLocation tokenizer,
    int tokens,
    DataSource data,
    double heldOut,
    Map<String, PetModule> modules,
    Config moduleSettings,
    Recipe recipe,
    Path output) {

  /**
   * How training goes.
   *
   * @param epochs passes over the data
   * @param batchSize samples of a step
   * @param rate the highest learning rate
   * @param headRateFactor multiplies the rate for the head
   * @param warmUp the share of steps over which the rate rises
   * @param weightDecay how fast weights shrink
   * @param clipNorm the longest gradient; infinite for none
   */
  public record Recipe(
      int epochs,
      int batchSize,
      double rate,
      double headRateFactor,
      double warmUp,
      double weightDecay,
      double clipNorm) {}
}

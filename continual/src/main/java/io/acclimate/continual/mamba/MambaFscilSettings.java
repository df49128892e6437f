package io.acclimate.continual.mamba;

import io.acclimate.bank.selective.MambaBlock;
import io.acclimate.runtime.settings.SettingsReader;

/**
 * The settings of {@link MambaFscil}; defaults and meanings stand in this module's {@code
 * reference.conf}.
 *
 * @param tokens the model's output with the token map; {@code ""} to look for it
 * @param gridRows the rows of the tokens' grid, 0 to work it out
 * @param size of features, at least {@code maxClasses}
 * @param states of a channel
 * @param rank of the map to the steps
 * @param maxClasses the directions of the head
 * @param memoryRatio mean maps of earlier classes for each row of a batch
 * @param spread how much of a sample's difference from its class is added to a mean map
 * @param unitBase whether what the first branch gives is scaled to length 1 before the second adds
 *     to it
 * @param exemplars the samples that are kept beside the mean maps, 0 for none
 * @param restart whether the second branch starts anew with each task
 * @param base how the first task is trained
 * @param session how the others are
 * @param losses what is added to the loss of the others
 */
public record MambaFscilSettings(
    String tokens,
    int gridRows,
    int size,
    int states,
    int rank,
    int maxClasses,
    double memoryRatio,
    double spread,
    boolean unitBase,
    int exemplars,
    boolean restart,
    Training base,
    Training session,
    SelectionLosses losses) {

  /**
   * How a branch is trained: stochastic gradient descent with momentum 0.9, a cosine from the rate
   * down to a hundredth of it.
   *
   * @param epochs passes over the samples of a task
   * @param rate the learning rate after the warm-up
   * @param decay by which weights shrink
   * @param mixup the chance of a step to be made on halves of two maps
   * @param balanced whether rows of rare classes in a batch weigh more
   * @param clipNorm the largest norm of a gradient; infinite for none
   */
  public record Training(
      int epochs, double rate, double decay, double mixup, boolean balanced, double clipNorm) {
    static Training read(SettingsReader settings) {
      settings.rejectUnknown();
      double clipNorm = settings.number("clip-norm", 0, 1e9);
      return new Training(
          settings.integer("epochs", 1, 100_000),
          settings.number("rate", 0, 100),
          settings.number("weight-decay", 0, 1),
          settings.number("mixup", 0, 1),
          settings.flag("balanced"),
          clipNorm == 0 ? Double.POSITIVE_INFINITY : clipNorm);
    }
  }

  /**
   * Factors of the class-sensitive losses.
   *
   * @param suppress of the second branch's gate on base classes
   * @param excite of its gate on other classes
   * @param separate of the likeness of their selections
   */
  public record SelectionLosses(double suppress, double excite, double separate) {}

  static MambaFscilSettings read(SettingsReader settings) {
    int size = settings.integer("size", 2, 4096);
    int maxClasses = settings.integer("max-classes", 2, 4096);
    if (maxClasses > size) {
      settings.problem(
          "max-classes",
          "expected at most as many classes as features (size = %d), found %d"
              .formatted(size, maxClasses));
    }
    return new MambaFscilSettings(
        settings.text("tokens"),
        settings.integer("grid-rows", 0, 4096),
        size,
        settings.integer("states", 1, 1024),
        settings.integer("rank", 1, 1024),
        maxClasses,
        settings.number("memory-ratio", 0, 100),
        settings.number("spread", 0, 10),
        settings.flag("unit-base"),
        settings.integer("exemplars", 0, 1_000_000),
        settings.flag("restart"),
        Training.read(settings.child("base")),
        Training.read(settings.child("session")),
        new SelectionLosses(
            settings.number("suppress", 0, 1e6),
            settings.number("excite", 0, 1e6),
            settings.number("separate", 0, 1e6)));
  }

  /** The block of a branch. */
  MambaBlock block(boolean closed) {
    return new MambaBlock(size, states, rank, closed);
  }
}

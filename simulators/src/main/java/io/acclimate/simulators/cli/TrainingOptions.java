package io.acclimate.simulators.cli;

import picocli.CommandLine.Option;

/** How a command that learns something of the source makes its steps; each has its own defaults. */
final class TrainingOptions {
  @Option(names = "--steps", paramLabel = "N", description = "Steps; ${DEFAULT-VALUE} by default.")
  private int steps;

  @Option(
      names = "--batch-size",
      paramLabel = "N",
      description = "Samples of a step; ${DEFAULT-VALUE} by default.")
  private int batchSize;

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

  /**
   * Options with these defaults.
   *
   * @param steps the number of steps
   * @param batchSize samples of a step
   */
  TrainingOptions(int steps, int batchSize) {
    this.steps = steps;
    this.batchSize = batchSize;
  }

  int steps() {
    return steps;
  }

  int batchSize() {
    return batchSize;
  }

  double rate() {
    return rate;
  }

  long seed() {
    return seed;
  }
}

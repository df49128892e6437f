package io.acclimate.simulators.bench;

import java.util.Map;
import java.util.function.Consumer;

/** A measurement with named figures. */
public interface Benchmark {
  /** Hears how far a benchmark is; the benchmark may be ended in every call. */
  @FunctionalInterface
  interface Progress extends Consumer<String> {
    /** Receives a line, now and then. */
    @Override
    void accept(String line);

    /** Is called where lines are rare, every few seconds. */
    default void checkpoint() {}
  }

  /**
   * Runs it.
   *
   * @param progress hears how far it is, on the thread that runs the benchmark; what it throws ends
   *     the benchmark
   * @return the figures by name, in a fixed order
   */
  Map<String, Double> run(Progress progress);
}

package io.acclimate.simulators.bench;

import java.util.Map;
import java.util.function.Consumer;

/** A measurement with named figures. */
public interface Benchmark {
  /**
   * Runs it.
   *
   * @param progress receives a line now and then
   * @return the figures by name, in a fixed order
   */
  Map<String, Double> run(Consumer<String> progress);
}

package io.acclimate.simulators.scenario;

import com.typesafe.config.Config;
import io.acclimate.simulators.scenario.Scenario.MethodEntry;
import io.acclimate.simulators.shift.StreamRecipe;

/**
 * One kind of stream.
 *
 * @param name what the report calls it
 * @param recipe the domains, their order and the label shift
 * @param batchSize samples of a batch
 * @param pace how fast batches come
 * @param protocol protocol settings over those of every method
 */
public record Regime(String name, StreamRecipe recipe, int batchSize, Pace pace, Config protocol) {
  /** A method with this regime's protocol over its own. */
  public MethodEntry under(MethodEntry method) {
    return new MethodEntry(
        method.name(),
        method.method(),
        protocol.isEmpty()
            ? method.settings()
            : protocol.atPath("protocol").withFallback(method.settings()));
  }
}

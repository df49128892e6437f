package io.acclimate.actors;

import io.acclimate.bank.serving.ServingSettings;
import io.acclimate.bank.store.AdapterBank;
import java.util.function.Function;

/**
 * Where the adapters come from that streams may be served with. Immutable; the bank belongs to the
 * caller.
 *
 * @param bank the adapters; what is published there serves from the next batch on
 * @param settings the places of adapters in the model, and how many are loaded at a time
 * @param defaults gives what a stream of an id is served with while nobody has chosen for it
 *     ({@link ServedStream#serveWith}); may be called by any thread
 */
public record AdapterServing(
    AdapterBank bank, ServingSettings settings, Function<String, AdapterChoice> defaults) {
  /** The frozen model serves while nobody has chosen. */
  public AdapterServing(AdapterBank bank, ServingSettings settings) {
    this(bank, settings, stream -> AdapterChoice.FROZEN);
  }

  /** The same with other defaults. */
  public AdapterServing withDefaults(Function<String, AdapterChoice> other) {
    return new AdapterServing(bank, settings, other);
  }
}

package io.acclimate.actors;

import io.acclimate.bank.serving.ServingSettings;
import io.acclimate.bank.store.AdapterBank;

/**
 * Where the adapters come from that streams may be served with. Immutable; the bank belongs to the
 * caller.
 *
 * @param bank the adapters; what is published there serves from the next batch on
 * @param settings the places of adapters in the model, and how many are loaded at a time
 */
public record AdapterServing(AdapterBank bank, ServingSettings settings) {}

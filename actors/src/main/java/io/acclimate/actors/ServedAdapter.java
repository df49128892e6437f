package io.acclimate.actors;

import io.acclimate.bank.AdapterRef;

/**
 * The adapter that a prediction was made with.
 *
 * @param ref name and version
 * @param bankVersion the version of the bank that it was taken from
 */
public record ServedAdapter(AdapterRef ref, long bankVersion) {}

/**
 * Provides adapters: the trained values of parameter-efficient tuning modules, and the bank that
 * stores, merges, compresses and retrieves them.
 *
 * <p>An {@link io.acclimate.bank.Adapter} is tensors and an {@link io.acclimate.bank.AdapterCard};
 * an {@code AdapterBank} keeps them on disk in versions.
 */
package io.acclimate.bank;

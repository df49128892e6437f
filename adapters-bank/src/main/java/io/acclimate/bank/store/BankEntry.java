package io.acclimate.bank.store;

import io.acclimate.bank.AdapterRef;

/**
 * What the index says of an adapter.
 *
 * @param ref its name and version
 * @param task the task it was learned on
 * @param module the tuning module whose values it holds
 * @param codec how its tensors are stored
 * @param bytes the size of the file with its tensors
 * @param sha256 the hash of that file
 * @param cardSha256 the hash of its card's file
 */
public record BankEntry(
    AdapterRef ref,
    String task,
    String module,
    String codec,
    long bytes,
    String sha256,
    String cardSha256) {}

package io.acclimate.bank.store;

/**
 * What pruning took away.
 *
 * @param versions versions of the bank
 * @param files files, those of the versions included
 * @param bytes their bytes
 * @param kept versions that stay
 */
public record PruneReport(int versions, int files, long bytes, int kept) {}

package io.acclimate.bank.store;

/**
 * What a version says of a state.
 *
 * @param version the version that brought it
 * @param bytes the size of its file
 * @param sha256 the hash of that file
 */
public record StateEntry(long version, long bytes, String sha256) {}

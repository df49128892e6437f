package io.acclimate.bank.store;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * One version of a bank.
 *
 * @param format always {@link #FORMAT}
 * @param version its number, from 0 for the empty bank
 * @param parent the version it was made from; -1 for version 0
 * @param note why it was made
 * @param adapters how many adapters it has
 * @param index hashes of the index files by bucket, {@code 00} to {@code ff}; empty ones are left
 *     out
 * @param states states by name
 */
record Manifest(
    String format,
    long version,
    long parent,
    String note,
    int adapters,
    SortedMap<String, String> index,
    SortedMap<String, StateEntry> states) {
  /** The format of the files of a bank, and its version. */
  static final String FORMAT = "acclimate-bank/1";

  static final Manifest EMPTY =
      new Manifest(FORMAT, 0, -1, "empty", 0, new TreeMap<>(), new TreeMap<>());

  Manifest {
    index = Collections.unmodifiableSortedMap(new TreeMap<>(index));
    states = Collections.unmodifiableSortedMap(new TreeMap<>(states));
  }
}

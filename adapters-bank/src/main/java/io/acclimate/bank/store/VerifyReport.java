package io.acclimate.bank.store;

import java.util.List;

/**
 * What was found in a bank.
 *
 * @param versions versions that were read
 * @param adapters versions of adapters that were read
 * @param states versions of states that were read
 * @param bytes the bytes of all files that versions refer to
 * @param problems what is wrong, a line each, with the file's name
 * @param unreferenced files that no version refers to: harmless, pruning removes them
 */
public record VerifyReport(
    int versions, int adapters, int states, long bytes, List<String> problems, int unreferenced) {
  /** Copies the list. */
  public VerifyReport {
    problems = List.copyOf(problems);
  }

  /** Whether nothing is wrong. */
  public boolean sound() {
    return problems.isEmpty();
  }
}

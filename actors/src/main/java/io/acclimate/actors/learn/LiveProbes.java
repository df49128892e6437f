package io.acclimate.actors.learn;

import io.acclimate.bank.AdapterRef;
import java.util.BitSet;
import java.util.Optional;

/**
 * Watches the accuracy of the serving adapter on samples whose labels came back: the last ones up
 * to a number. Not thread-safe.
 */
final class LiveProbes {
  private final RevertRule rule;
  private final BitSet right = new BitSet();
  private AdapterRef watched;
  private double expected;
  private int next;
  private long seen;

  LiveProbes(RevertRule rule) {
    this.rule = rule;
  }

  /** Starts over with another adapter; null when none serves. */
  void watch(AdapterRef adapter, double heldOutAccuracy) {
    watched = adapter;
    expected = heldOutAccuracy;
    right.clear();
    next = 0;
    seen = 0;
  }

  /**
   * Takes in whether predictions were right; those of other adapters do not count.
   *
   * @return why the adapter must be taken back; empty when it need not
   */
  Optional<String> record(AdapterRef adapter, boolean[] correct) {
    if (!adapter.equals(watched)) {
      return Optional.empty();
    }
    for (boolean one : correct) {
      right.set(next, one);
      next = (next + 1) % rule.window();
      seen++;
    }
    return seen >= rule.window() && accuracy() < expected - rule.mostDrop()
        ? Optional.of(
            "accuracy %.4f of the last %d predictions with feedback, expected at least %.4f"
                    .formatted(accuracy(), rule.window(), expected - rule.mostDrop())
                + " (revert.most-drop)")
        : Optional.empty();
  }

  private double accuracy() {
    return right.cardinality() / (double) rule.window();
  }
}

package io.acclimate.actors;

import io.acclimate.bank.AdapterRef;

/** What a stream is served with; resolved anew for every batch. Immutable. */
public sealed interface AdapterChoice {
  /** The frozen model. */
  AdapterChoice FROZEN = new Frozen();

  /** The frozen model. */
  record Frozen() implements AdapterChoice {}

  /**
   * The adapter of this name in the bank's current version; the frozen model while there is none.
   *
   * @param id the adapter's name
   */
  record Latest(String id) implements AdapterChoice {
    /** Checks the name. */
    public Latest {
      AdapterRef.requireName(id);
    }
  }

  /**
   * The newest adapter of the bank's current version that was learned on a task; the frozen model
   * while there is none.
   *
   * @param task the task's name
   */
  record LatestOfTask(String task) implements AdapterChoice {}

  /**
   * One version of one adapter, whatever is published later.
   *
   * @param ref name and version
   */
  record Exactly(AdapterRef ref) implements AdapterChoice {}
}

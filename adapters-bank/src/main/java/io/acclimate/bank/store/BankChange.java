package io.acclimate.bank.store;

import io.acclimate.bank.Adapter;
import io.acclimate.bank.AdapterRef;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.state.State;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What a new version of a bank has that the current one has not: all of it appears in one step. Not
 * thread-safe.
 */
public final class BankChange {
  private final String note;
  private final Map<String, Optional<Adapter>> adapters = new LinkedHashMap<>();
  private final Map<String, AdapterRef> restored = new LinkedHashMap<>();
  private final Map<String, Optional<State>> states = new LinkedHashMap<>();

  /**
   * Starts an empty change.
   *
   * @param note why it is made, for people
   */
  public BankChange(String note) {
    this.note = note;
  }

  /**
   * Adds an adapter or a new version of one. The version in its card does not matter: it becomes
   * that of the bank. Its tensors must stay unchanged until the change is published.
   *
   * @throws AcclimateException when it has no tensors or one is not finite, or when the change has
   *     the adapter already
   */
  public BankChange put(Adapter adapter) {
    adapter.requireSound();
    claim(adapter.card().id());
    adapters.put(adapter.card().id(), Optional.of(adapter));
    return this;
  }

  /** Brings back an older version of an adapter, which stays that version. */
  public BankChange restore(AdapterRef ref) {
    claim(ref.id());
    restored.put(ref.id(), ref);
    return this;
  }

  /** Takes an adapter away; older versions of the bank keep it. */
  public BankChange remove(String id) {
    claim(id);
    adapters.put(id, Optional.empty());
    return this;
  }

  private void claim(String id) {
    if (adapters.containsKey(id) || restored.containsKey(id)) {
      throw new AcclimateException(
          "expected adapter '%s' once in a change, found it twice".formatted(id));
    }
  }

  /**
   * Adds or replaces a state: statistics, prototypes, a selector.
   *
   * @param name named like adapters
   */
  public BankChange putState(String name, State state) {
    AdapterRef.requireName(name);
    states.put(name, Optional.of(state));
    return this;
  }

  /** Takes a state away; older versions of the bank keep it. */
  public BankChange removeState(String name) {
    states.put(name, Optional.empty());
    return this;
  }

  String note() {
    return note;
  }

  /** Adapters to put by name; empty ones are to be taken away. */
  Map<String, Optional<Adapter>> adapters() {
    return adapters;
  }

  Map<String, AdapterRef> restored() {
    return restored;
  }

  /** States to put by name; empty ones are to be taken away. */
  Map<String, Optional<State>> states() {
    return states;
  }
}

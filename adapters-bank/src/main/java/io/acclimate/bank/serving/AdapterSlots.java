package io.acclimate.bank.serving;

import io.acclimate.bank.Adapter;
import io.acclimate.bank.AdapterRef;
import io.acclimate.runtime.AcclimateException;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.ToIntBiFunction;

/**
 * Which adapter is in which slot: as many as there are slots, the one not used for the longest
 * makes room. Slot 0 is the frozen model's. Not thread-safe.
 */
final class AdapterSlots {
  /** A slot in use and the classes of its adapter. */
  record Slot(int number, int classes) {}

  private final int capacity;
  private final ToIntBiFunction<Integer, Adapter> loader;
  private final Map<AdapterRef, Slot> used = new LinkedHashMap<>(16, 0.75f, true);
  private final TreeSet<Integer> free = new TreeSet<>();
  private long loads;

  /**
   * Starts empty.
   *
   * @param capacity the number of slots
   * @param loader loads an adapter into a slot and gives the number of its classes
   */
  AdapterSlots(int capacity, ToIntBiFunction<Integer, Adapter> loader) {
    this.capacity = capacity;
    this.loader = loader;
    for (int number = 1; number <= capacity; number++) {
      free.add(number);
    }
  }

  /**
   * Finds or makes a slot for each adapter of a batch.
   *
   * @param rows the adapter of each row; null for the frozen model
   * @throws AcclimateException when there are more adapters than slots, or one cannot be loaded
   */
  Map<AdapterRef, Slot> acquire(Adapter[] rows) {
    Set<AdapterRef> wanted = new LinkedHashSet<>();
    for (Adapter adapter : rows) {
      if (adapter != null) {
        wanted.add(adapter.card().ref());
      }
    }
    if (wanted.size() > capacity) {
      throw new AcclimateException(
          "expected at most %d adapters in a batch (serving.slots), found %d"
              .formatted(capacity, wanted.size()));
    }
    wanted.forEach(used::get);
    Map<AdapterRef, Slot> slots = new LinkedHashMap<>();
    for (Adapter adapter : rows) {
      if (adapter != null && !slots.containsKey(adapter.card().ref())) {
        slots.put(adapter.card().ref(), slot(adapter));
      }
    }
    return slots;
  }

  private Slot slot(Adapter adapter) {
    Slot known = used.get(adapter.card().ref());
    if (known != null) {
      return known;
    }
    if (free.isEmpty()) {
      AdapterRef eldest = used.keySet().iterator().next();
      free.add(used.remove(eldest).number());
    }
    int number = free.first();
    Slot slot = new Slot(number, loader.applyAsInt(number, adapter));
    free.remove(number);
    used.put(adapter.card().ref(), slot);
    loads++;
    return slot;
  }

  /** The adapters that are loaded, the one not used for the longest first. */
  Set<AdapterRef> loaded() {
    return new LinkedHashSet<>(used.keySet());
  }

  /** How often an adapter was loaded. */
  long loads() {
    return loads;
  }
}

package io.acclimate.replay.memory;

import io.acclimate.replay.codec.BodyReader;
import io.acclimate.replay.codec.BodyWriter;
import io.acclimate.replay.codec.DamagedRecordException;
import java.util.ArrayList;
import java.util.List;

/**
 * A memory that gives each sample a random key, log(u) / weight, once, and keeps those with the
 * largest (Efraimidis and Spirakis, 2006). The slots are sorted by falling keys.
 */
abstract class KeyedMemory extends AbstractMemory {
  private final List<Double> keys = new ArrayList<>();

  KeyedMemory(String policy, MemoryCapacity capacity, Draws draws) {
    super(policy, capacity, draws);
  }

  /** Draws the key of a sample and puts it in its place. */
  final void insert(Exemplar exemplar) {
    double key = Math.log(draws.uniform()) / exemplar.weight();
    int place = keys.size();
    while (place > 0 && keys.get(place - 1) <= key) {
      place--;
    }
    keys.add(place, key);
    add(exemplar);
    for (int slot = slots.size() - 1; slot > place; slot--) {
      slots.set(slot, slots.get(slot - 1));
    }
    slots.set(place, exemplar);
  }

  /** Removes a sample with its key. */
  final void drop(int slot) {
    keys.remove(slot);
    remove(slot);
  }

  @Override
  void saveMore(BodyWriter out) {
    out.numbers(keys.stream().mapToDouble(Double::doubleValue).toArray());
  }

  @Override
  Runnable readMore(BodyReader in, List<Exemplar> read) {
    double[] saved = in.numbers();
    if (saved.length != read.size()) {
      throw new DamagedRecordException(
          "expected %d keys, found %d".formatted(read.size(), saved.length));
    }
    return () -> {
      keys.clear();
      for (double key : saved) {
        keys.add(key);
      }
    };
  }
}

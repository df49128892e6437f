package io.acclimate.replay.memory;

import io.acclimate.replay.codec.BodyReader;
import io.acclimate.replay.codec.BodyWriter;
import io.acclimate.replay.codec.DamagedRecordException;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.SeedTree;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The same room for every class seen so far, in each of them a uniform sample. Invariants: with C
 * classes seen none holds more than its share of the capacity, {@code capacity / C} rounded up for
 * the first classes and down for the later ones; within a class each offer is kept with the same
 * probability. A class that has not filled its share leaves the room unused.
 */
public final class ClassBalancedMemory extends KeyedMemory {
  private final Map<Integer, Integer> counts = new LinkedHashMap<>();

  /** Creates an empty memory. */
  public ClassBalancedMemory(MemoryCapacity capacity, SeedTree seeds) {
    super("class-balanced", capacity, Draws.of(seeds));
  }

  /**
   * Splits a capacity evenly; the first groups get one more where it does not come out even.
   *
   * @return {@code [groups]}, summing to the capacity
   */
  public static int[] shares(int capacity, int groups) {
    int[] shares = new int[groups];
    for (int g = 0; g < groups; g++) {
      shares[g] = capacity / groups + (g < capacity % groups ? 1 : 0);
    }
    return shares;
  }

  @Override
  void require(Exemplar exemplar) {
    if (exemplar.label() < 0) {
      throw new AcclimateException("memory class-balanced: expected a sample with a label");
    }
  }

  @Override
  void consider(Exemplar exemplar) {
    insert(exemplar);
    counts.merge(exemplar.label(), 1, Integer::sum);
    trim();
  }

  /** Takes from each class what is over its share, the smallest keys first. */
  private void trim() {
    int[] shares = shares(capacity().samples(), counts.size());
    int group = 0;
    for (Map.Entry<Integer, Integer> entry : counts.entrySet()) {
      while (entry.getValue() > shares[group]) {
        drop(lastOf(entry.getKey()));
        entry.setValue(entry.getValue() - 1);
      }
      group++;
    }
  }

  private int lastOf(int label) {
    int slot = slots.size() - 1;
    while (slots.get(slot).label() != label) {
      slot--;
    }
    return slot;
  }

  @Override
  void removeForBytes() {
    int largest = -1;
    for (Map.Entry<Integer, Integer> entry : counts.entrySet()) {
      if (largest < 0 || entry.getValue() > counts.get(largest)) {
        largest = entry.getKey();
      }
    }
    drop(lastOf(largest));
    counts.merge(largest, -1, Integer::sum);
  }

  @Override
  void shrunk() {
    trim();
  }

  @Override
  void saveMore(BodyWriter out) {
    super.saveMore(out);
    out.integers(counts.keySet().stream().mapToInt(Integer::intValue).toArray());
    out.integers(counts.values().stream().mapToInt(Integer::intValue).toArray());
  }

  @Override
  Runnable readMore(BodyReader in, List<Exemplar> read) {
    Runnable keys = super.readMore(in, read);
    int[] labels = in.integers();
    int[] numbers = in.integers();
    if (labels.length != numbers.length) {
      throw new DamagedRecordException(
          "expected %d sizes of classes, found %d".formatted(labels.length, numbers.length));
    }
    return () -> {
      keys.run();
      counts.clear();
      for (int k = 0; k < labels.length; k++) {
        counts.put(labels[k], numbers[k]);
      }
    };
  }
}

package io.acclimate.replay.memory;

import io.acclimate.runtime.SeedTree;

/**
 * A uniform sample of everything offered (Vitter's algorithm R). Invariant: after n offers each of
 * them is kept with the same probability, min(1, k/n) for k kept samples, whatever came before or
 * after it.
 */
public final class ReservoirMemory extends AbstractMemory {
  /** Creates an empty memory. */
  public ReservoirMemory(MemoryCapacity capacity, SeedTree seeds) {
    this(capacity, Draws.of(seeds));
  }

  ReservoirMemory(MemoryCapacity capacity, Draws draws) {
    super("reservoir", capacity, draws);
  }

  @Override
  void consider(Exemplar exemplar) {
    if (slots.size() < capacity().samples()) {
      add(exemplar);
    } else {
      int slot = draws.below((int) Math.min(offered(), Integer.MAX_VALUE));
      if (slot < slots.size()) {
        set(slot, exemplar);
      }
    }
  }

  /** A uniform choice of a uniform sample leaves a uniform sample. */
  @Override
  void removeForBytes() {
    remove(draws.below(slots.size()));
  }
}

package io.acclimate.replay.memory;

import io.acclimate.runtime.SeedTree;

/**
 * A sample without replacement in which heavier samples are likelier: algorithm A-Res of Efraimidis
 * and Spirakis (2006). Invariant: what is kept is distributed as if samples had been drawn from all
 * offers one by one, each with a probability in proportion to its weight among those left. With
 * equal weights this is a uniform reservoir.
 */
public final class WeightedReservoirMemory extends KeyedMemory {
  /** Creates an empty memory. */
  public WeightedReservoirMemory(MemoryCapacity capacity, SeedTree seeds) {
    this(capacity, Draws.of(seeds));
  }

  WeightedReservoirMemory(MemoryCapacity capacity, Draws draws) {
    super("weighted-reservoir", capacity, draws);
  }

  @Override
  void consider(Exemplar exemplar) {
    insert(exemplar);
    if (slots.size() > capacity().samples()) {
      removeForBytes();
    }
  }

  @Override
  void removeForBytes() {
    drop(slots.size() - 1);
  }
}

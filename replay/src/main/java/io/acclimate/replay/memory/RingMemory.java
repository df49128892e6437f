package io.acclimate.replay.memory;

import io.acclimate.runtime.SeedTree;

/** The newest samples, in the order in which they came. Invariant: they follow one another. */
public final class RingMemory extends AbstractMemory {
  /** Creates an empty memory; the seeds are for drawing only. */
  public RingMemory(MemoryCapacity capacity, SeedTree seeds) {
    super("ring", capacity, Draws.of(seeds));
  }

  @Override
  void consider(Exemplar exemplar) {
    add(exemplar);
    if (slots.size() > capacity().samples()) {
      remove(0);
    }
  }

  @Override
  void removeForBytes() {
    remove(0);
  }
}

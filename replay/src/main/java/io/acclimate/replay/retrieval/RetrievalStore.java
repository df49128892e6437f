package io.acclimate.replay.retrieval;

import io.acclimate.replay.codec.BodyReader;
import io.acclimate.replay.codec.BodyWriter;
import io.acclimate.replay.codec.DamagedRecordException;
import io.acclimate.replay.memory.Exemplar;
import io.acclimate.replay.memory.MemoryCapacity;
import io.acclimate.runtime.AcclimateException;
import java.util.List;
import java.util.function.Predicate;

/**
 * The retrieval index in force. It is exchanged as a whole, in one step, so that a change of domain
 * needs no change of weights; each answer says which version gave it. Safe for all threads.
 */
public final class RetrievalStore {
  private static final String NAME = "retrieval-store";
  private static final int FORMAT = 1;

  private final MemoryCapacity capacity;
  private volatile RetrievalIndex index;

  /** Creates an empty store, version 0. */
  public RetrievalStore(MemoryCapacity capacity) {
    this.capacity = capacity;
    this.index = RetrievalIndex.of(0, List.of(), capacity);
  }

  /**
   * Puts samples in the place of all there are.
   *
   * @return the new version
   * @throws AcclimateException when they do not fit; the version in force stays
   */
  public synchronized long replace(List<Exemplar> exemplars) {
    RetrievalIndex next = RetrievalIndex.of(index.version() + 1, exemplars, capacity);
    index = next;
    return next.version();
  }

  /** The index in force; it stays usable after it was replaced. */
  public RetrievalIndex current() {
    return index;
  }

  /** The nearest samples, found by looking at all; see {@link RetrievalIndex#nearest}. */
  public Retrieved nearest(float[] query, int k, Predicate<Exemplar> allowed) {
    RetrievalIndex used = index;
    return new Retrieved(used.version(), used.nearest(query, k, allowed));
  }

  /** Samples near to a query; see {@link RetrievalIndex#approximate}. */
  public Retrieved approximate(float[] query, int k, Predicate<Exemplar> allowed) {
    RetrievalIndex used = index;
    return new Retrieved(used.version(), used.approximate(query, k, allowed));
  }

  /** Version and samples; equal states give equal bytes. */
  public byte[] save() {
    RetrievalIndex saved = index;
    BodyWriter out = new BodyWriter().text(NAME).integer(FORMAT).wholeNumber(saved.version());
    Exemplar.writeAll(out, saved.exemplars());
    return out.toBytes();
  }

  /**
   * Takes the place of the present state; the graph is built anew.
   *
   * @throws AcclimateException when the bytes are no such state, or do not fit the capacity
   */
  public synchronized void restore(byte[] state) {
    try {
      BodyReader in = new BodyReader(state);
      String name = in.text();
      int format = in.integer();
      if (!name.equals(NAME) || format != FORMAT) {
        throw new AcclimateException(
            "expected a %s of version %d, found %s %d".formatted(NAME, FORMAT, name, format));
      }
      long version = in.wholeNumber();
      index = RetrievalIndex.of(version, Exemplar.readAll(in), capacity);
    } catch (DamagedRecordException e) {
      throw new AcclimateException("expected a whole retrieval store, found: " + e.getMessage(), e);
    }
  }
}

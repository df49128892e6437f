package io.acclimate.replay.memory;

import io.acclimate.replay.codec.BodyReader;
import io.acclimate.replay.codec.BodyWriter;
import io.acclimate.replay.codec.DamagedRecordException;
import io.acclimate.runtime.AcclimateException;
import java.util.ArrayList;
import java.util.List;

/** What the policies share: the slots, their bytes, uniform draws, saving. */
abstract class AbstractMemory implements RehearsalMemory {
  private static final int VERSION = 1;

  final Draws draws;
  final List<Exemplar> slots = new ArrayList<>();
  private final String policy;
  private MemoryCapacity capacity;
  private long bytes;
  private long offered;

  AbstractMemory(String policy, MemoryCapacity capacity, Draws draws) {
    this.policy = policy;
    this.capacity = capacity;
    this.draws = draws;
  }

  @Override
  public final void offer(Exemplar exemplar) {
    if (exemplar.bytes() > capacity.bytes()) {
      throw new AcclimateException(
          "memory %s: expected a sample of at most %d bytes, found %d"
              .formatted(policy, capacity.bytes(), exemplar.bytes()));
    }
    if (!(exemplar.weight() > 0 && exemplar.weight() < Double.POSITIVE_INFINITY)) {
      throw new AcclimateException(
          "memory %s: expected a weight above 0, found %s".formatted(policy, exemplar.weight()));
    }
    require(exemplar);
    offered++;
    consider(exemplar);
    while (bytes > capacity.bytes()) {
      removeForBytes();
      capacity = new MemoryCapacity(slots.size(), capacity.bytes());
      shrunk();
    }
  }

  /** Refuses a sample that lacks what the policy needs. */
  void require(Exemplar exemplar) {
    // most need nothing
  }

  /** Keeps the sample or not, within the capacity in samples. */
  abstract void consider(Exemplar exemplar);

  /** Removes one sample because the bytes do not fit. */
  abstract void removeForBytes();

  /** The capacity in samples has sunk to the present size. */
  void shrunk() {
    // most need not care
  }

  final MemoryCapacity capacity() {
    return capacity;
  }

  final void add(Exemplar exemplar) {
    slots.add(exemplar);
    bytes += exemplar.bytes();
  }

  final Exemplar set(int slot, Exemplar exemplar) {
    Exemplar before = slots.set(slot, exemplar);
    bytes += exemplar.bytes() - before.bytes();
    return before;
  }

  final Exemplar remove(int slot) {
    Exemplar removed = slots.remove(slot);
    bytes -= removed.bytes();
    return removed;
  }

  @Override
  public List<Exemplar> contents() {
    return List.copyOf(slots);
  }

  @Override
  public List<Exemplar> draw(int count) {
    List<Exemplar> all = new ArrayList<>(slots);
    int wanted = Math.min(count, all.size());
    for (int i = 0; i < wanted; i++) {
      int other = i + draws.below(all.size() - i);
      Exemplar chosen = all.get(other);
      all.set(other, all.get(i));
      all.set(i, chosen);
    }
    return List.copyOf(all.subList(0, wanted));
  }

  @Override
  public final int size() {
    return slots.size();
  }

  @Override
  public final long bytes() {
    return bytes;
  }

  @Override
  public final long offered() {
    return offered;
  }

  @Override
  public final byte[] save() {
    BodyWriter out = new BodyWriter().text(policy).integer(VERSION);
    out.integer(capacity.samples()).wholeNumber(capacity.bytes()).wholeNumber(offered);
    Exemplar.writeAll(out, slots);
    saveMore(out.bytes(draws.save()));
    return out.toBytes();
  }

  /** Writes what the policy keeps beside the slots. */
  void saveMore(BodyWriter out) {
    // most keep nothing
  }

  @Override
  public final void restore(byte[] state) {
    try {
      BodyReader in = new BodyReader(state);
      String name = in.text();
      int version = in.integer();
      if (!name.equals(policy) || version != VERSION) {
        throw new AcclimateException(
            "expected a memory %s of version %d, found %s %d"
                .formatted(policy, VERSION, name, version));
      }
      MemoryCapacity saved = new MemoryCapacity(in.integer(), in.wholeNumber());
      long savedOffered = in.wholeNumber();
      List<Exemplar> read = Exemplar.readAll(in);
      byte[] generator = in.bytes();
      Runnable more = readMore(in, read);
      draws.restore(generator);
      more.run();
      capacity = saved;
      offered = savedOffered;
      slots.clear();
      bytes = 0;
      read.forEach(this::add);
    } catch (DamagedRecordException e) {
      throw new AcclimateException(
          "memory %s: expected a whole state, found: %s".formatted(policy, e.getMessage()), e);
    }
  }

  /** Reads what {@link #saveMore} has written; the action it gives takes it over. */
  Runnable readMore(BodyReader in, List<Exemplar> read) {
    return () -> {};
  }
}

package io.acclimate.bank.store;

import io.acclimate.bank.AdapterRef;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * What differs between two versions of a bank.
 *
 * @param from the one version
 * @param to the other version
 * @param added adapters that only {@code to} has
 * @param removed adapters that only {@code from} has
 * @param changed adapters that both have in different versions
 * @param states names of states that differ or that only one has
 */
public record BankDiff(
    long from,
    long to,
    List<AdapterRef> added,
    List<AdapterRef> removed,
    List<Change> changed,
    List<String> states) {
  /**
   * An adapter in two versions.
   *
   * @param from the one version
   * @param to the other version
   */
  public record Change(AdapterRef from, AdapterRef to) {}

  /** Compares two versions; parts of the index that are the same are not read. */
  public static BankDiff between(BankView from, BankView to) {
    BankDiff diff =
        new BankDiff(
            from.version(),
            to.version(),
            new ArrayList<>(),
            new ArrayList<>(),
            new ArrayList<>(),
            new ArrayList<>());
    SortedSet<String> buckets = new TreeSet<>(from.manifest().index().keySet());
    buckets.addAll(to.manifest().index().keySet());
    for (String bucket : buckets) {
      String hash = from.manifest().index().get(bucket);
      if (hash == null || !hash.equals(to.manifest().index().get(bucket))) {
        int number = Integer.parseInt(bucket, 16);
        diff.compare(from.bucket(number), to.bucket(number));
      }
    }
    diff.added.sort(null);
    diff.removed.sort(null);
    diff.changed.sort((a, b) -> a.to().compareTo(b.to()));
    SortedSet<String> names = new TreeSet<>(from.states().keySet());
    names.addAll(to.states().keySet());
    for (String name : names) {
      StateEntry entry = from.states().get(name);
      if (entry == null || !entry.equals(to.states().get(name))) {
        diff.states.add(name);
      }
    }
    return diff;
  }

  private void compare(SortedMap<String, BankEntry> before, SortedMap<String, BankEntry> after) {
    SortedSet<String> ids = new TreeSet<>(before.keySet());
    ids.addAll(after.keySet());
    for (String id : ids) {
      BankEntry one = before.get(id);
      BankEntry other = after.get(id);
      if (one == null) {
        added.add(other.ref());
      } else if (other == null) {
        removed.add(one.ref());
      } else if (!one.ref().equals(other.ref())) {
        changed.add(new Change(one.ref(), other.ref()));
      }
    }
  }
}

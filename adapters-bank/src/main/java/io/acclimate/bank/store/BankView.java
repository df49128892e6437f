package io.acclimate.bank.store;

import io.acclimate.bank.Adapter;
import io.acclimate.bank.AdapterCard;
import io.acclimate.bank.AdapterRef;
import io.acclimate.bank.codec.Codecs;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.ContentHash;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.io.Safetensors;
import io.acclimate.runtime.state.State;
import io.acclimate.runtime.text.Names;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * One version of a bank: it never changes, whatever is published meanwhile. The index is read in
 * 256 parts as they are needed, adapters when they are asked for.
 *
 * <p>Safe for all threads. After {@link AdapterBank#prune} has taken its version away, what was not
 * read yet is missing.
 */
public final class BankView {
  private static final int BUCKETS = 256;

  private final BankFolder folder;
  private final AdapterCache cache;
  private final Manifest manifest;
  private final AtomicReferenceArray<SortedMap<String, BankEntry>> buckets =
      new AtomicReferenceArray<>(BUCKETS);

  BankView(BankFolder folder, AdapterCache cache, Manifest manifest) {
    this.folder = folder;
    this.cache = cache;
    this.manifest = manifest;
  }

  Manifest manifest() {
    return manifest;
  }

  /** The version's number. */
  public long version() {
    return manifest.version();
  }

  /** The version it was made from; -1 for version 0. */
  public long parent() {
    return manifest.parent();
  }

  /** Why it was made. */
  public String note() {
    return manifest.note();
  }

  /**
   * The SHA-256 of the version's manifest and so, through the hashes in it, of everything the
   * version holds: banks in which the same was done have equal ones.
   */
  public String sha256() {
    return ContentHash.sha256(BankJson.withHash(manifest));
  }

  /** The number of adapters. */
  public int size() {
    return manifest.adapters();
  }

  /** What the index says of an adapter; reads a 256th of the index when it is not known yet. */
  public Optional<BankEntry> find(String id) {
    return Optional.ofNullable(bucket(bucketOf(id)).get(id));
  }

  /**
   * What the index says of an adapter.
   *
   * @throws AcclimateException when this version has none of that name
   */
  public BankEntry require(String id) {
    return find(id)
        .orElseThrow(
            () ->
                new AcclimateException(
                    "no adapter '%s' in version %d of %s%s"
                        .formatted(
                            id,
                            version(),
                            folder.root(),
                            size() == 0 ? "" : Names.suggestion(id, entries().keySet()))));
  }

  /** The whole index, by name. */
  public SortedMap<String, BankEntry> entries() {
    SortedMap<String, BankEntry> entries = new TreeMap<>();
    for (int bucket = 0; bucket < BUCKETS; bucket++) {
      entries.putAll(bucket(bucket));
    }
    return entries;
  }

  /**
   * The card of an adapter, read from the disk.
   *
   * @throws AcclimateException when there is no such adapter or its file is damaged
   */
  public AdapterCard card(String id) {
    return readCard(folder, require(id));
  }

  /**
   * An adapter, from memory or from the disk; its tensors are shared and only read.
   *
   * @throws AcclimateException when there is no such adapter or a file of it is damaged
   */
  public Adapter load(String id) {
    BankEntry entry = require(id);
    Adapter known = cache.get(entry.ref());
    if (known != null) {
      return known;
    }
    Adapter adapter = readAdapter(folder, entry);
    cache.put(adapter);
    return adapter;
  }

  /** The states by name. */
  public SortedMap<String, StateEntry> states() {
    return manifest.states();
  }

  /**
   * A state, read from the disk.
   *
   * @throws AcclimateException when there is no such state or its file is damaged
   */
  public State state(String name) {
    StateEntry entry = states().get(name);
    if (entry == null) {
      throw new AcclimateException(
          "no state '%s' in version %d of %s; it has %s"
              .formatted(name, version(), folder.root(), states().keySet()));
    }
    return readState(folder, name, entry);
  }

  static AdapterCard readCard(BankFolder folder, BankEntry entry) {
    AdapterCard card =
        BankFolder.read(folder.card(entry.ref()), entry.cardSha256(), BankJson::card);
    if (!card.ref().equals(entry.ref())) {
      throw new AcclimateException(
          "%s: expected the card of %s, found that of %s"
              .formatted(folder.card(entry.ref()), entry.ref(), card.ref()));
    }
    return card;
  }

  static Adapter readAdapter(BankFolder folder, BankEntry entry) {
    AdapterRef ref = entry.ref();
    Map<String, Tensor> tensors =
        BankFolder.read(
            folder.tensors(ref), entry.sha256(), bytes -> Codecs.decode(Safetensors.read(bytes)));
    return new Adapter(readCard(folder, entry), tensors);
  }

  static State readState(BankFolder folder, String name, StateEntry entry) {
    return BankFolder.read(folder.state(name, entry.version()), entry.sha256(), State::fromBytes);
  }

  /** The bucket of an adapter: 0 to 255, evenly spread. */
  static int bucketOf(String id) {
    String hash = ContentHash.sha256(id.getBytes(StandardCharsets.UTF_8));
    return Integer.parseInt(hash, 0, 2, 16);
  }

  /** The name of a bucket in a manifest. */
  static String bucketName(int bucket) {
    return "%02x".formatted(bucket);
  }

  /** One part of the index. */
  SortedMap<String, BankEntry> bucket(int bucket) {
    SortedMap<String, BankEntry> entries = buckets.get(bucket);
    if (entries == null) {
      String hash = manifest.index().get(bucketName(bucket));
      entries =
          hash == null
              ? Collections.emptySortedMap()
              : BankFolder.read(folder.index(hash), hash, BankJson::entries);
      buckets.set(bucket, entries);
    }
    return entries;
  }

  /** Takes over the parts of the index that another version has read and that are the same. */
  void adoptIndexOf(BankView other) {
    for (int bucket = 0; bucket < BUCKETS; bucket++) {
      String name = bucketName(bucket);
      String hash = manifest.index().get(name);
      if (hash != null && hash.equals(other.manifest.index().get(name))) {
        buckets.set(bucket, other.buckets.get(bucket));
      }
    }
  }

  @Override
  public String toString() {
    return "version %d of %s".formatted(version(), folder.root());
  }
}

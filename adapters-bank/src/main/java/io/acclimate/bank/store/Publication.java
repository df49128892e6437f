package io.acclimate.bank.store;

import io.acclimate.bank.Adapter;
import io.acclimate.bank.AdapterCard;
import io.acclimate.bank.AdapterRef;
import io.acclimate.bank.codec.AdapterCodec;
import io.acclimate.bank.codec.Codecs;
import io.acclimate.runtime.ContentHash;
import io.acclimate.runtime.io.Safetensors;
import io.acclimate.runtime.state.State;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;

/** Writes the files of one new version; nothing refers to them until {@code HEAD} does. */
final class Publication {
  private final BankFolder folder;
  private final AdapterCodec codec;
  private final BankView base;
  private final long version;
  private final List<Path> written = new ArrayList<>();

  Publication(BankFolder folder, AdapterCodec codec, BankView base, long version) {
    this.folder = folder;
    this.codec = codec;
    this.base = base;
    this.version = version;
  }

  /**
   * Writes everything, or nothing when it fails.
   *
   * @param older finds the versions of the bank that restored adapters come from
   */
  Manifest write(BankChange change, Function<Long, BankView> older) {
    try {
      SortedMap<Integer, SortedMap<String, BankEntry>> buckets = new TreeMap<>();
      change
          .adapters()
          .forEach(
              (id, adapter) -> {
                if (adapter.isPresent()) {
                  bucket(buckets, id).put(id, write(adapter.get()));
                } else {
                  base.require(id);
                  bucket(buckets, id).remove(id);
                }
              });
      change
          .restored()
          .forEach(
              (id, ref) -> bucket(buckets, id).put(id, older.apply(ref.version()).require(id)));
      Manifest manifest = manifest(change, buckets);
      create(folder.manifest(version), BankJson.withHash(manifest));
      return manifest;
    } catch (RuntimeException e) {
      written.forEach(folder::delete);
      throw e;
    }
  }

  /** A copy of the bucket of an adapter, to be changed. */
  private SortedMap<String, BankEntry> bucket(
      SortedMap<Integer, SortedMap<String, BankEntry>> buckets, String id) {
    return buckets.computeIfAbsent(
        BankView.bucketOf(id), bucket -> new TreeMap<>(base.bucket(bucket)));
  }

  private BankEntry write(Adapter adapter) {
    AdapterRef ref = new AdapterRef(adapter.card().id(), version);
    AdapterCard card = adapter.card().withRef(ref);
    Safetensors.Contents encoded = Codecs.encode(codec, adapter.tensors());
    byte[] tensors = Safetensors.toBytes(encoded.tensors(), encoded.metadata());
    byte[] cardBytes = BankJson.bytes(card);
    create(folder.tensors(ref), tensors);
    create(folder.card(ref), cardBytes);
    return new BankEntry(
        ref,
        card.task(),
        card.module(),
        codec.name(),
        tensors.length,
        ContentHash.sha256(tensors),
        ContentHash.sha256(cardBytes));
  }

  private Manifest manifest(
      BankChange change, SortedMap<Integer, SortedMap<String, BankEntry>> buckets) {
    SortedMap<String, String> index = new TreeMap<>(base.manifest().index());
    int adapters = base.size();
    for (Map.Entry<Integer, SortedMap<String, BankEntry>> bucket : buckets.entrySet()) {
      adapters += bucket.getValue().size() - base.bucket(bucket.getKey()).size();
      String name = BankView.bucketName(bucket.getKey());
      if (bucket.getValue().isEmpty()) {
        index.remove(name);
      } else {
        index.put(name, writeIndex(bucket.getValue()));
      }
    }
    return new Manifest(
        Manifest.FORMAT, version, base.version(), change.note(), adapters, index, states(change));
  }

  private String writeIndex(SortedMap<String, BankEntry> entries) {
    byte[] bytes = BankJson.bytes(entries);
    String hash = ContentHash.sha256(bytes);
    if (!Files.exists(folder.index(hash))) {
      create(folder.index(hash), bytes);
    }
    return hash;
  }

  private SortedMap<String, StateEntry> states(BankChange change) {
    SortedMap<String, StateEntry> states = new TreeMap<>(base.states());
    change
        .states()
        .forEach(
            (name, state) -> {
              if (state.isPresent()) {
                states.put(name, write(name, state.get()));
              } else {
                states.remove(name);
              }
            });
    return states;
  }

  private StateEntry write(String name, State state) {
    byte[] bytes = state.toBytes();
    create(folder.state(name, version), bytes);
    return new StateEntry(version, bytes.length, ContentHash.sha256(bytes));
  }

  private void create(Path file, byte[] bytes) {
    written.add(file);
    BankFolder.write(file, bytes);
  }
}

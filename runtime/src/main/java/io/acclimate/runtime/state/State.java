package io.acclimate.runtime.state;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.ContentHash;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.io.Safetensors;
import java.nio.file.Path;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A snapshot of {@link Stateful} objects: tensors and texts by key, in the order of their keys.
 *
 * <p>Its byte form is a safetensors file, and canonical: equal contents give equal bytes, so {@link
 * #sha256()} compares two states. The file carries its own hash, and a damaged one is refused.
 *
 * <p>Immutable and safe to share between threads.
 */
public final class State {
  /** Keys of the file itself; no entry may begin so. */
  static final String RESERVED = "__";

  private static final String VERSION_KEY = "__state__";
  private static final String VERSION = "1";
  private static final String HASH_KEY = "__sha256__";

  private final SortedMap<String, Tensor> tensors;
  private final SortedMap<String, String> texts;

  State(SortedMap<String, Tensor> tensors, SortedMap<String, String> texts) {
    this.tensors = Collections.unmodifiableSortedMap(tensors);
    this.texts = Collections.unmodifiableSortedMap(texts);
  }

  /** The present state of an object. */
  public static State of(Stateful object) {
    StateWriter writer = new StateWriter();
    object.save(writer);
    return writer.toState();
  }

  /**
   * Puts an object into this state, all of it or nothing.
   *
   * @throws AcclimateException when an entry is missing, does not fit or is not known to the
   *     object; the object is then as it was before
   */
  public void restore(Stateful object) {
    State before = of(object);
    try {
      StateReader reader = new StateReader(this);
      object.load(reader);
      reader.requireAllRead();
    } catch (RuntimeException e) {
      object.load(new StateReader(before));
      throw e;
    }
  }

  /** The tensors by key; not to be written to. */
  SortedMap<String, Tensor> tensors() {
    return tensors;
  }

  /** The texts by key. */
  SortedMap<String, String> texts() {
    return texts;
  }

  /** The SHA-256 of the contents, in lower-case hexadecimal. */
  public String sha256() {
    return ContentHash.sha256(out -> Safetensors.write(out, tensors, metadata()));
  }

  /** The number of bytes the tensors take. */
  public long tensorBytes() {
    return tensors.values().stream().mapToLong(tensor -> tensor.bytes().capacity()).sum();
  }

  /** The canonical byte form; at most 2 GiB. */
  public byte[] toBytes() {
    return Safetensors.toBytes(tensors, metadataWithHash());
  }

  /**
   * Creates or replaces a file in one step.
   *
   * @throws AcclimateException if it cannot be written
   */
  public void write(Path file) {
    Safetensors.write(file, tensors, metadataWithHash());
  }

  private SortedMap<String, String> metadata() {
    SortedMap<String, String> metadata = new TreeMap<>(texts);
    metadata.put(VERSION_KEY, VERSION);
    return metadata;
  }

  private SortedMap<String, String> metadataWithHash() {
    SortedMap<String, String> metadata = metadata();
    metadata.put(HASH_KEY, sha256());
    return metadata;
  }

  /**
   * Reads a state's byte form.
   *
   * @throws AcclimateException if it is damaged or no state
   */
  public static State fromBytes(byte[] bytes) {
    return of(Safetensors.read(bytes));
  }

  /**
   * Reads a state's file.
   *
   * @throws AcclimateException if it is missing, damaged or no state
   */
  public static State read(Path file) {
    Safetensors.Contents contents = Safetensors.read(file);
    try {
      return of(contents);
    } catch (AcclimateException e) {
      throw new AcclimateException(file + ": " + e.getMessage(), e);
    }
  }

  private static State of(Safetensors.Contents contents) {
    SortedMap<String, String> texts = new TreeMap<>(contents.metadata());
    String version = texts.remove(VERSION_KEY);
    if (!VERSION.equals(version)) {
      throw new AcclimateException(
          "expected a state of version %s, found %s"
              .formatted(VERSION, version == null ? "no state" : "version " + version));
    }
    String expected = texts.remove(HASH_KEY);
    State state = new State(new TreeMap<>(contents.tensors()), texts);
    if (!state.sha256().equals(expected)) {
      throw new AcclimateException(
          "expected contents with SHA-256 %s, found %s (damaged)"
              .formatted(expected, state.sha256()));
    }
    return state;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof State state
        && texts.equals(state.texts)
        && tensors.keySet().equals(state.tensors.keySet())
        && tensors.entrySet().stream()
            .allMatch(entry -> entry.getValue().contentEquals(state.tensors.get(entry.getKey())));
  }

  @Override
  public int hashCode() {
    return texts.hashCode() * 31 + tensors.keySet().hashCode();
  }

  @Override
  public String toString() {
    return "state of %d tensors and %d texts".formatted(tensors.size(), texts.size());
  }
}

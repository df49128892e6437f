package io.acclimate.runtime.state;

import io.acclimate.runtime.Tensor;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.commons.rng.RestorableUniformRandomProvider;
import org.apache.commons.rng.core.RandomProviderDefaultState;

/**
 * Takes the entries of a {@link State}. Everything is copied, so what was put may change later. A
 * key that is put twice, is empty or begins with {@code __} is an {@link IllegalArgumentException}.
 * Not thread-safe.
 */
public final class StateWriter {
  private final String scope;
  private final SortedMap<String, Tensor> tensors;
  private final SortedMap<String, String> texts;

  /** A writer of a new state. */
  StateWriter() {
    this("", new TreeMap<>(), new TreeMap<>());
  }

  private StateWriter(
      String scope, SortedMap<String, Tensor> tensors, SortedMap<String, String> texts) {
    this.scope = scope;
    this.tensors = tensors;
    this.texts = texts;
  }

  /** A writer into the same state whose keys stand under this name: {@code name/key}. */
  public StateWriter child(String name) {
    return new StateWriter(scope + name + "/", tensors, texts);
  }

  /** Saves the state of an inner object under this name. */
  public void put(String name, Stateful inner) {
    inner.save(child(name));
  }

  /** Puts a tensor of any type. */
  public void putTensor(String key, Tensor value) {
    tensors.put(claim(key), value.copy());
  }

  /** Puts an array. */
  public void putDoubles(String key, double[] values) {
    tensors.put(claim(key), Tensor.ofDoubles(values, values.length));
  }

  /** Puts an array. */
  public void putFloats(String key, float[] values) {
    tensors.put(claim(key), Tensor.ofFloats(values, values.length));
  }

  /** Puts an array. */
  public void putInts(String key, int[] values) {
    tensors.put(claim(key), Tensor.ofInts(values, values.length));
  }

  /** Puts an array. */
  public void putLongs(String key, long[] values) {
    tensors.put(claim(key), Tensor.ofLongs(values, values.length));
  }

  /** Puts a number. */
  public void putDouble(String key, double value) {
    tensors.put(claim(key), Tensor.ofDoubles(new double[] {value}));
  }

  /** Puts a number. */
  public void putInt(String key, int value) {
    tensors.put(claim(key), Tensor.ofInts(new int[] {value}));
  }

  /** Puts a number. */
  public void putLong(String key, long value) {
    tensors.put(claim(key), Tensor.ofLongs(new long[] {value}));
  }

  /** Puts a text. */
  public void putText(String key, String value) {
    texts.put(claim(key), value);
  }

  /** Puts the position of a random generator of {@link io.acclimate.runtime.SeedTree}. */
  public void putRandom(String key, RestorableUniformRandomProvider generator) {
    byte[] bytes = ((RandomProviderDefaultState) generator.saveState()).getState();
    tensors.put(claim(key), Tensor.ofBytes(StateReader.RANDOM_TYPE, bytes, bytes.length));
  }

  State toState() {
    return new State(new TreeMap<>(tensors), new TreeMap<>(texts));
  }

  private String claim(String key) {
    String full = scope + key;
    if (key.isEmpty() || full.startsWith(State.RESERVED)) {
      throw new IllegalArgumentException("no key of a state: '" + full + "'");
    }
    if (tensors.containsKey(full) || texts.containsKey(full)) {
      throw new IllegalArgumentException("put twice: '" + full + "'");
    }
    return full;
  }
}

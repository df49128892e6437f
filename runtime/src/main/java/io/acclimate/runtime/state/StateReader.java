package io.acclimate.runtime.state;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.Tensor;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.apache.commons.rng.RestorableUniformRandomProvider;
import org.apache.commons.rng.core.RandomProviderDefaultState;

/**
 * Gives the entries of a {@link State}. Arrays and tensors are copies that belong to the caller.
 * Asking for a missing entry, or for one of another type or shape, is an {@link AcclimateException}
 * that names the key. Not thread-safe.
 */
public final class StateReader {
  static final DType RANDOM_TYPE = DType.UINT8;

  private final State state;
  private final String scope;
  private final Set<String> read;

  /** A reader of a whole state. */
  StateReader(State state) {
    this(state, "", new HashSet<>());
  }

  private StateReader(State state, String scope, Set<String> read) {
    this.state = state;
    this.scope = scope;
    this.read = read;
  }

  /** A reader of the entries under this name. */
  public StateReader child(String name) {
    return new StateReader(state, scope + name + "/", read);
  }

  /** Loads the state of an inner object from under this name. */
  public void get(String name, Stateful inner) {
    inner.load(child(name));
  }

  /** Whether there is an entry of this key. */
  public boolean has(String key) {
    return state.tensors().containsKey(scope + key) || state.texts().containsKey(scope + key);
  }

  /** The keys in this scope, those of its children included, in alphabetical order. */
  public SortedSet<String> keys() {
    SortedSet<String> keys = new TreeSet<>();
    for (Set<String> all : Arrays.asList(state.tensors().keySet(), state.texts().keySet())) {
      for (String key : all) {
        if (key.startsWith(scope)) {
          keys.add(key.substring(scope.length()));
        }
      }
    }
    return keys;
  }

  /** A tensor of any type and shape. */
  public Tensor getTensor(String key) {
    return tensor(key, "a tensor").copy();
  }

  /** A tensor of this type and shape. */
  public Tensor getTensor(String key, DType type, long... shape) {
    return typed(key, type, shape).copy();
  }

  /** An array of any length. */
  public double[] getDoubles(String key) {
    return vector(key, DType.FLOAT64).toDoubleArray();
  }

  /** An array of this length. */
  public double[] getDoubles(String key, int length) {
    return typed(key, DType.FLOAT64, length).toDoubleArray();
  }

  /** An array of any length. */
  public float[] getFloats(String key) {
    return vector(key, DType.FLOAT32).toFloatArray();
  }

  /** An array of this length. */
  public float[] getFloats(String key, int length) {
    return typed(key, DType.FLOAT32, length).toFloatArray();
  }

  /** An array of any length. */
  public int[] getInts(String key) {
    return vector(key, DType.INT32).toIntArray();
  }

  /** An array of this length. */
  public int[] getInts(String key, int length) {
    return typed(key, DType.INT32, length).toIntArray();
  }

  /** An array of any length. */
  public long[] getLongs(String key) {
    return vector(key, DType.INT64).toLongArray();
  }

  /** An array of this length. */
  public long[] getLongs(String key, int length) {
    return typed(key, DType.INT64, length).toLongArray();
  }

  /** A number. */
  public double getDouble(String key) {
    return typed(key, DType.FLOAT64).doubles().get(0);
  }

  /** A number. */
  public int getInt(String key) {
    return typed(key, DType.INT32).ints().get(0);
  }

  /** A number. */
  public long getLong(String key) {
    return typed(key, DType.INT64).longs().get(0);
  }

  /** A text. */
  public String getText(String key) {
    String text = state.texts().get(scope + key);
    if (text == null) {
      Tensor other = state.tensors().get(scope + key);
      throw wrong(key, "a text", other == null ? "nothing" : other.toString());
    }
    read.add(scope + key);
    return text;
  }

  /** Moves a random generator to the position that was saved. */
  public void getRandom(String key, RestorableUniformRandomProvider generator) {
    byte[] bytes = vector(key, RANDOM_TYPE).toByteArray();
    try {
      generator.restoreState(new RandomProviderDefaultState(bytes));
    } catch (IllegalStateException | IllegalArgumentException e) {
      throw new AcclimateException(
          "state entry '%s%s': expected the state of a %s, found %d bytes that are not"
              .formatted(scope, key, generator.getClass().getSimpleName(), bytes.length),
          e);
    }
  }

  /** Refuses entries that nobody asked for. */
  void requireAllRead() {
    SortedSet<String> unread = keys();
    unread.removeAll(read);
    if (!unread.isEmpty()) {
      throw new AcclimateException(
          "state entry '%s': expected no such entry".formatted(unread.first()));
    }
  }

  private Tensor vector(String key, DType type) {
    String expected = type + "[n]";
    Tensor tensor = tensor(key, expected);
    if (tensor.type() != type || tensor.rank() != 1) {
      throw wrong(key, expected, tensor.toString());
    }
    return tensor;
  }

  private Tensor typed(String key, DType type, long... shape) {
    String expected = type + Arrays.toString(shape);
    Tensor tensor = tensor(key, expected);
    if (tensor.type() != type || !Arrays.equals(tensor.shape(), shape)) {
      throw wrong(key, expected, tensor.toString());
    }
    return tensor;
  }

  private Tensor tensor(String key, String expected) {
    Tensor tensor = state.tensors().get(scope + key);
    if (tensor == null) {
      throw wrong(key, expected, has(key) ? "a text" : "nothing");
    }
    read.add(scope + key);
    return tensor;
  }

  private AcclimateException wrong(String key, String expected, String found) {
    return new AcclimateException(
        "state entry '%s%s': expected %s, found %s".formatted(scope, key, expected, found));
  }
}

package io.acclimate.runtime.train;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.graph.ValueType;
import io.acclimate.runtime.state.StateReader;
import io.acclimate.runtime.state.StateWriter;
import io.acclimate.runtime.state.Stateful;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Named tensors of one floating-point type that lie one after the other in memory: the parameters
 * of an adapter or model, or their gradients.
 *
 * <p>The tensors are views, so a session reads them in place while arithmetic runs over the whole
 * set at once. Not safe for writing from several threads.
 */
public final class ParameterSet implements Stateful {
  private final Map<String, ValueType> types;
  private final Map<String, Tensor> tensors = new LinkedHashMap<>();
  private final Map<String, Integer> starts = new LinkedHashMap<>();
  private final Tensor all;
  private final DType type;
  private final FloatBuffer floats;
  private final DoubleBuffer doubles;

  /**
   * A set of zeros.
   *
   * @param types names and types, all {@link DType#FLOAT32} or all {@link DType#FLOAT64}, of fixed
   *     shapes
   */
  public ParameterSet(Map<String, ValueType> types) {
    this.types = Collections.unmodifiableMap(new LinkedHashMap<>(types));
    this.type = types.isEmpty() ? DType.FLOAT32 : types.values().iterator().next().type();
    if (type != DType.FLOAT32 && type != DType.FLOAT64) {
      throw new AcclimateException("expected parameters of type FLOAT32 or FLOAT64, found " + type);
    }
    int size = 0;
    for (Map.Entry<String, ValueType> entry : types.entrySet()) {
      if (entry.getValue().type() != type) {
        throw new AcclimateException(
            "parameter '%s': expected %s like the others, found %s"
                .formatted(entry.getKey(), type, entry.getValue()));
      }
      starts.put(entry.getKey(), size);
      size = Math.addExact(size, Math.toIntExact(entry.getValue().shape().elements()));
    }
    this.all = Tensor.allocate(type, size);
    this.floats = type == DType.FLOAT32 ? all.floats() : null;
    this.doubles = type == DType.FLOAT64 ? all.doubles() : null;
    types.forEach(
        (name, one) -> tensors.put(name, all.view(starts.get(name), one.shape().sizes())));
  }

  /** Names and types, in the order of memory. */
  public Map<String, ValueType> types() {
    return types;
  }

  /** The tensors by name; writes go through. */
  public Map<String, Tensor> tensors() {
    return Collections.unmodifiableMap(tensors);
  }

  /** One tensor; an error when there is none of this name. */
  public Tensor tensor(String name) {
    requireKnown(name);
    return tensors.get(name);
  }

  /** Where a parameter starts in the flat order. */
  public int start(String name) {
    requireKnown(name);
    return starts.get(name);
  }

  private void requireKnown(String name) {
    if (!tensors.containsKey(name)) {
      throw new AcclimateException(
          "no parameter '%s'; there are %s".formatted(name, tensors.keySet()));
    }
  }

  /** The number of values of all parameters together. */
  public int size() {
    return (int) all.elements();
  }

  /** The number of values of one parameter. */
  public int size(String name) {
    return (int) tensor(name).elements();
  }

  /** One value of the flat order. */
  public double get(int index) {
    return floats != null ? floats.get(index) : doubles.get(index);
  }

  /** Sets one value of the flat order. */
  public void set(int index, double value) {
    if (floats != null) {
      floats.put(index, (float) value);
    } else {
      doubles.put(index, value);
    }
  }

  /** Copies values of the flat order into an array. */
  public void read(int start, double[] target, int count) {
    if (doubles != null) {
      doubles.get(start, target, 0, count);
    } else {
      for (int i = 0; i < count; i++) {
        target[i] = floats.get(start + i);
      }
    }
  }

  /** Copies values from an array into the flat order. */
  public void write(int start, double[] source, int count) {
    if (doubles != null) {
      doubles.put(start, source, 0, count);
    } else {
      for (int i = 0; i < count; i++) {
        floats.put(start + i, (float) source[i]);
      }
    }
  }

  /** Copies one parameter's values from a tensor of the same type and shape. */
  public void put(String name, Tensor values) {
    Tensor target = tensor(name);
    if (values.type() != type || !Arrays.equals(values.shape(), target.shape())) {
      throw new AcclimateException(
          "parameter '%s': expected %s, found %s".formatted(name, target, values));
    }
    target.bytes().put(values.bytes());
  }

  /** Takes over all values of a set with equal names and types. */
  public void copyFrom(ParameterSet other) {
    requireAlike(other);
    all.bytes().put(other.all.bytes());
  }

  /** A set with the same names, types and values on memory of its own. */
  public ParameterSet copy() {
    ParameterSet copy = new ParameterSet(types);
    copy.copyFrom(this);
    return copy;
  }

  /** Sets every value to 0. */
  public void clear() {
    for (int i = 0; i < size(); i++) {
      set(i, 0);
    }
  }

  /** this = this + factor * other. */
  public void add(double factor, ParameterSet other) {
    requireAlike(other);
    for (int i = 0; i < size(); i++) {
      set(i, get(i) + factor * other.get(i));
    }
  }

  /** this = keep * this + (1 - keep) * other: an exponential average. */
  public void average(double keep, ParameterSet other) {
    requireAlike(other);
    for (int i = 0; i < size(); i++) {
      set(i, keep * get(i) + (1 - keep) * other.get(i));
    }
  }

  /** Multiplies every value. */
  public void scale(double factor) {
    for (int i = 0; i < size(); i++) {
      set(i, factor * get(i));
    }
  }

  /** The Euclidean norm over all values. */
  public double norm() {
    double sum = 0;
    for (int i = 0; i < size(); i++) {
      sum += get(i) * get(i);
    }
    return Math.sqrt(sum);
  }

  /** The Euclidean distance to a set with equal names and types. */
  public double distance(ParameterSet other) {
    requireAlike(other);
    double sum = 0;
    for (int i = 0; i < size(); i++) {
      double difference = get(i) - other.get(i);
      sum += difference * difference;
    }
    return Math.sqrt(sum);
  }

  /** Whether every value is finite. */
  public boolean isFinite() {
    for (int i = 0; i < size(); i++) {
      if (!Double.isFinite(get(i))) {
        return false;
      }
    }
    return true;
  }

  /** Whether names, types and every bit are equal. */
  public boolean contentEquals(ParameterSet other) {
    return types.equals(other.types) && all.contentEquals(other.all);
  }

  private void requireAlike(ParameterSet other) {
    if (!types.equals(other.types)) {
      throw new AcclimateException(
          "expected parameters %s, found %s".formatted(types.keySet(), other.types.keySet()));
    }
  }

  @Override
  public void save(StateWriter out) {
    tensors.forEach(out::putTensor);
  }

  @Override
  public void load(StateReader in) {
    Map<String, Tensor> loaded = new LinkedHashMap<>();
    types.forEach((name, one) -> loaded.put(name, in.getTensor(name, type, one.shape().sizes())));
    loaded.forEach(this::put);
  }

  @Override
  public String toString() {
    return types.size() + " parameters, " + size() + " values of " + type;
  }
}

package io.acclimate.bank;

import ai.onnxruntime.platform.Fp16Conversions;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.Tensor;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.ShortBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Arithmetic on named tensors of float32, float64 or float16 and of equal names and shapes. Sums
 * are made in double precision. Stateless; the tensors that are written must belong to one thread.
 */
public final class TensorMaps {
  private TensorMaps() {}

  /** The bytes all tensors take. */
  public static long bytes(Map<String, Tensor> tensors) {
    return tensors.values().stream().mapToLong(tensor -> tensor.bytes().capacity()).sum();
  }

  /** Copies the map and its tensors. */
  public static Map<String, Tensor> copy(Map<String, Tensor> tensors) {
    Map<String, Tensor> copies = new LinkedHashMap<>();
    tensors.forEach((name, tensor) -> copies.put(name, tensor.copy()));
    return copies;
  }

  /** Tensors of zeros with the same names, shapes and types. */
  public static Map<String, Tensor> zerosLike(Map<String, Tensor> tensors) {
    Map<String, Tensor> zeros = new LinkedHashMap<>();
    tensors.forEach(
        (name, tensor) -> zeros.put(name, Tensor.allocate(tensor.type(), tensor.shape())));
    return zeros;
  }

  /**
   * Sets {@code y = a x + b y} for all tensors, in place.
   *
   * @throws AcclimateException when names or shapes differ or a tensor is not of a floating type;
   *     nothing is changed then
   */
  public static void scaleAndAdd(double a, Map<String, Tensor> x, double b, Map<String, Tensor> y) {
    requireSameLayout(x, y);
    x.forEach((name, tensor) -> scaleAndAdd(a, tensor, b, y.get(name)));
  }

  /**
   * Checks that two adapters can be added up.
   *
   * @throws AcclimateException when names or shapes differ or a tensor is not of a floating type
   */
  public static void requireSameLayout(Map<String, Tensor> x, Map<String, Tensor> y) {
    if (!x.keySet().equals(y.keySet())) {
      throw new AcclimateException(
          "expected tensors %s, found %s".formatted(y.keySet(), x.keySet()));
    }
    for (Map.Entry<String, Tensor> entry : x.entrySet()) {
      Tensor one = entry.getValue();
      Tensor other = y.get(entry.getKey());
      if (!Arrays.equals(one.shape(), other.shape())
          || !one.type().isFloating()
          || !other.type().isFloating()) {
        throw new AcclimateException(
            "tensor '%s': expected two floating tensors of one shape, found %s and %s"
                .formatted(entry.getKey(), other, one));
      }
    }
  }

  private static void scaleAndAdd(double a, Tensor x, double b, Tensor y) {
    int count = Math.toIntExact(x.elements());
    if (x.type() == DType.FLOAT32 && y.type() == DType.FLOAT32) {
      FloatBuffer from = x.floats();
      FloatBuffer to = y.floats();
      for (int i = 0; i < count; i++) {
        to.put(i, (float) (a * from.get(i) + b * to.get(i)));
      }
      return;
    }
    Elements from = elements(x);
    Elements to = elements(y);
    for (int i = 0; i < count; i++) {
      to.put(i, a * from.get(i) + b * to.get(i));
    }
  }

  /** All elements of all tensors in one array, tensor by tensor in the map's order. */
  public static double[] flatten(Map<String, Tensor> tensors) {
    long count = tensors.values().stream().mapToLong(Tensor::elements).sum();
    double[] flat = new double[Math.toIntExact(count)];
    int at = 0;
    for (Tensor tensor : tensors.values()) {
      Elements elements = elements(tensor);
      for (int i = 0; i < tensor.elements(); i++) {
        flat[at++] = elements.get(i);
      }
    }
    return flat;
  }

  /** The inverse of {@link #flatten}: tensors laid out like the given ones with these elements. */
  public static Map<String, Tensor> unflatten(double[] flat, Map<String, Tensor> like) {
    Map<String, Tensor> tensors = zerosLike(like);
    int at = 0;
    for (Tensor tensor : tensors.values()) {
      Elements elements = elements(tensor);
      for (int i = 0; i < tensor.elements(); i++) {
        elements.put(i, flat[at++]);
      }
    }
    return tensors;
  }

  /** The index of the first NaN or infinity, -1 when there is none; integers have none. */
  static long firstNotFinite(Tensor tensor) {
    if (tensor.type().isFloating()) {
      Elements elements = elements(tensor);
      for (int i = 0; i < tensor.elements(); i++) {
        if (!Double.isFinite(elements.get(i))) {
          return i;
        }
      }
    }
    return -1;
  }

  /** The elements of a floating tensor as doubles. */
  private interface Elements {
    double get(int i);

    void put(int i, double value);
  }

  private record Floats(FloatBuffer data) implements Elements {
    @Override
    public double get(int i) {
      return data.get(i);
    }

    @Override
    public void put(int i, double value) {
      data.put(i, (float) value);
    }
  }

  private record Doubles(DoubleBuffer data) implements Elements {
    @Override
    public double get(int i) {
      return data.get(i);
    }

    @Override
    public void put(int i, double value) {
      data.put(i, value);
    }
  }

  private record Halves(ShortBuffer data) implements Elements {
    @Override
    public double get(int i) {
      return Fp16Conversions.fp16ToFloat(data.get(i));
    }

    @Override
    public void put(int i, double value) {
      data.put(i, Fp16Conversions.floatToFp16((float) value));
    }
  }

  private static Elements elements(Tensor tensor) {
    return switch (tensor.type()) {
      case FLOAT32 -> new Floats(tensor.floats());
      case FLOAT64 -> new Doubles(tensor.doubles());
      case FLOAT16 -> new Halves(tensor.halves());
      default -> throw new AcclimateException("expected a floating tensor, found " + tensor);
    };
  }
}

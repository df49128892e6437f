package io.acclimate.replay.event;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.Tensor;
import java.util.Arrays;

/**
 * Floats in row-major order. Taken and given without a copy; nobody changes them. Equal arrays have
 * the same shape and the same bits.
 *
 * @param shape the dimensions, each 0 or more
 * @param values the elements, as many as the shape holds
 */
public record FloatArray(long[] shape, float[] values) {
  /**
   * Checks the number of values.
   *
   * @throws AcclimateException when it is not the shape's
   */
  public FloatArray {
    long expected = Tensor.elements(shape);
    if (expected != values.length) {
      throw new AcclimateException(
          "array %s: expected %d values, found %d"
              .formatted(Arrays.toString(shape), expected, values.length));
    }
  }

  /** An array of the given shape. */
  public static FloatArray of(float[] values, long... shape) {
    return new FloatArray(shape, values);
  }

  /** A copy of a tensor's values. */
  public static FloatArray copyOf(Tensor tensor) {
    return new FloatArray(tensor.shape(), tensor.toFloatArray());
  }

  /** The values as a new tensor. */
  public Tensor toTensor() {
    return Tensor.ofFloats(values, shape);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof FloatArray array
        && Arrays.equals(shape, array.shape)
        && Arrays.equals(values, array.values);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(shape) + Arrays.hashCode(values);
  }

  @Override
  public String toString() {
    return "float" + Arrays.toString(shape);
  }
}

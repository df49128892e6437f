package io.acclimate.runtime.io;

import io.acclimate.runtime.AcclimateException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.function.IntToDoubleFunction;

/**
 * An n-dimensional array as a NumPy file holds it. Equal arrays have the same type, shape and
 * bytes.
 *
 * <p>Safe to share between threads as long as nobody writes to {@code data}.
 *
 * @param type the element type
 * @param shape the dimensions, each 0 or more; empty for a single number
 * @param data the elements in C order (last dimension fastest), little-endian; taken and given
 *     without a copy
 */
public record NpyArray(NpyType type, int[] shape, byte[] data) {
  /**
   * Checks that the bytes fill the shape.
   *
   * @throws AcclimateException if they do not
   */
  public NpyArray {
    shape = shape.clone();
    long expected = Math.multiplyExact(count(shape), (long) type.bytes());
    if (data.length != expected) {
      throw new AcclimateException(
          String.format(
              "array %s of %s: expected %d bytes, found %d",
              Arrays.toString(shape), type.descr(), expected, data.length));
    }
  }

  /** An array of type {@link NpyType#F4}. */
  public static NpyArray of(float[] values, int... shape) {
    ByteBuffer bytes = allocate(values.length, NpyType.F4);
    bytes.asFloatBuffer().put(values);
    return new NpyArray(NpyType.F4, shape, bytes.array());
  }

  /** An array of type {@link NpyType#F8}. */
  public static NpyArray of(double[] values, int... shape) {
    ByteBuffer bytes = allocate(values.length, NpyType.F8);
    bytes.asDoubleBuffer().put(values);
    return new NpyArray(NpyType.F8, shape, bytes.array());
  }

  /** An array of type {@link NpyType#I4}. */
  public static NpyArray of(int[] values, int... shape) {
    ByteBuffer bytes = allocate(values.length, NpyType.I4);
    bytes.asIntBuffer().put(values);
    return new NpyArray(NpyType.I4, shape, bytes.array());
  }

  /** An array of type {@link NpyType#I8}. */
  public static NpyArray of(long[] values, int... shape) {
    ByteBuffer bytes = allocate(values.length, NpyType.I8);
    bytes.asLongBuffer().put(values);
    return new NpyArray(NpyType.I8, shape, bytes.array());
  }

  /** The dimensions; the caller's own copy. */
  @Override
  public int[] shape() {
    return shape.clone();
  }

  /** The number of elements. */
  public int size() {
    return data.length / type.bytes();
  }

  /** The elements as doubles; integers beyond 2^53 are rounded. */
  public double[] toDoubles() {
    IntToDoubleFunction element = reader();
    double[] values = new double[size()];
    Arrays.setAll(values, element);
    return values;
  }

  /** The elements as floats, rounded to the nearest; a double too large for one is infinite. */
  public float[] toFloats() {
    IntToDoubleFunction element = reader();
    float[] values = new float[size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) element.applyAsDouble(i);
    }
    return values;
  }

  /**
   * The elements as ints.
   *
   * @throws AcclimateException if one is not an integer or does not fit an {@code int}
   */
  public int[] toInts() {
    IntToDoubleFunction element = reader();
    int[] values = new int[size()];
    for (int i = 0; i < values.length; i++) {
      double value = element.applyAsDouble(i);
      values[i] = (int) value;
      if (values[i] != value) {
        throw new AcclimateException(
            String.format("element %d: expected a 32-bit integer, found %s", i, value));
      }
    }
    return values;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof NpyArray array
        && type == array.type
        && Arrays.equals(shape, array.shape)
        && Arrays.equals(data, array.data);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * type.hashCode() + Arrays.hashCode(shape)) + Arrays.hashCode(data);
  }

  @Override
  public String toString() {
    return type.descr() + Arrays.toString(shape);
  }

  /**
   * The number of elements of a shape.
   *
   * @throws AcclimateException if a dimension is negative or the bytes cannot be counted
   */
  static long count(int[] shape) {
    long count = 1;
    for (int dimension : shape) {
      if (dimension < 0) {
        throw new AcclimateException(
            "expected dimensions of 0 or more, found shape " + Arrays.toString(shape));
      }
      // Leaves room for the bytes of one element.
      if (dimension > 0 && count > Long.MAX_VALUE / Double.BYTES / dimension) {
        throw new AcclimateException(
            "expected a shape that can be counted, found " + Arrays.toString(shape));
      }
      count *= dimension;
    }
    return count;
  }

  private IntToDoubleFunction reader() {
    ByteBuffer bytes = ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN);
    return switch (type) {
      case F4 -> bytes.asFloatBuffer()::get;
      case F8 -> bytes.asDoubleBuffer()::get;
      case I4 -> bytes.asIntBuffer()::get;
      case I8 -> bytes.asLongBuffer()::get;
      case U1 -> i -> data[i] & 0xFF;
      case I1, B1 -> i -> data[i];
    };
  }

  private static ByteBuffer allocate(int count, NpyType type) {
    return ByteBuffer.allocate(Math.multiplyExact(count, type.bytes()))
        .order(ByteOrder.LITTLE_ENDIAN);
  }
}

package io.acclimate.actors.serve;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Numbers that come one after the other, how many is not known before. Not thread-safe. */
final class FloatValues {
  private static final int FIRST_CAPACITY = 1024;

  private float[] values = new float[FIRST_CAPACITY];
  private int count;

  void add(float value) {
    if (count == values.length) {
      values = Arrays.copyOf(values, 2 * count);
    }
    values[count++] = value;
  }

  /** A tensor of all values; their number must match the shape. */
  Tensor toTensor(long... shape) {
    if (Tensor.elements(shape) != count) {
      throw new AcclimateException(
          "data: expected %d values for shape %s, found %d"
              .formatted(Tensor.elements(shape), Arrays.toString(shape), count));
    }
    Tensor tensor = Tensor.allocate(DType.FLOAT32, shape);
    tensor.floats().put(values, 0, count);
    return tensor;
  }

  /** A tensor of little-endian values that fill the rest of an array. */
  static Tensor littleEndian(byte[] bytes, int start, long... shape) {
    Tensor tensor = Tensor.allocate(DType.FLOAT32, shape);
    ByteBuffer raw =
        ByteBuffer.wrap(bytes, start, bytes.length - start).order(ByteOrder.LITTLE_ENDIAN);
    tensor.floats().put(raw.asFloatBuffer());
    return tensor;
  }
}

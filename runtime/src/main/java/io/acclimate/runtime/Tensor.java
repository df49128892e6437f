package io.acclimate.runtime;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.nio.ShortBuffer;
import java.util.Arrays;

/**
 * A dense array in row-major order: a shape and a direct buffer in the machine's byte order
 * (little-endian wherever ONNX Runtime is published), which ONNX Runtime reads without a copy.
 *
 * <p>The contents may be rewritten, so a tensor can be filled again for the next batch. Not safe
 * for writing from several threads; a tensor handed to a model must stay unchanged until the call
 * has returned.
 */
public final class Tensor {
  private final DType type;
  private final long[] shape;
  private final ByteBuffer data;

  private Tensor(DType type, long[] shape, ByteBuffer data) {
    this.type = type;
    this.shape = shape;
    this.data = data;
  }

  /**
   * Allocates a tensor of zeros.
   *
   * @param shape the dimensions, each at least 0, together at most 2 GiB of elements
   */
  public static Tensor allocate(DType type, long... shape) {
    long elements = elements(shape);
    if (elements > Integer.MAX_VALUE / type.bytes()) {
      throw new AcclimateException(
          "tensor %s of %s holds %d elements; at most 2 GiB fit"
              .formatted(Arrays.toString(shape), type, elements));
    }
    ByteBuffer data =
        ByteBuffer.allocateDirect((int) elements * type.bytes()).order(ByteOrder.nativeOrder());
    return new Tensor(type, shape.clone(), data);
  }

  /** Copies the values into a new tensor; their number must match the shape. */
  public static Tensor ofFloats(float[] values, long... shape) {
    requireCount(values.length, shape);
    Tensor tensor = allocate(DType.FLOAT32, shape);
    tensor.floats().put(values);
    return tensor;
  }

  /** Copies the values into a new tensor; their number must match the shape. */
  public static Tensor ofLongs(long[] values, long... shape) {
    requireCount(values.length, shape);
    Tensor tensor = allocate(DType.INT64, shape);
    tensor.longs().put(values);
    return tensor;
  }

  /** Copies the values into a new tensor; their number must match the shape. */
  public static Tensor ofDoubles(double[] values, long... shape) {
    requireCount(values.length, shape);
    Tensor tensor = allocate(DType.FLOAT64, shape);
    tensor.doubles().put(values);
    return tensor;
  }

  /** Copies the values into a new tensor; their number must match the shape. */
  public static Tensor ofInts(int[] values, long... shape) {
    requireCount(values.length, shape);
    Tensor tensor = allocate(DType.INT32, shape);
    tensor.ints().put(values);
    return tensor;
  }

  /**
   * Copies raw bytes in the machine's byte order into a new tensor; their number must match the
   * shape and type.
   */
  public static Tensor ofBytes(DType type, byte[] values, long... shape) {
    Tensor tensor = allocate(type, shape);
    if (values.length != tensor.data.capacity()) {
      throw new AcclimateException(
          "%s holds %d bytes, found %d".formatted(tensor, tensor.data.capacity(), values.length));
    }
    tensor.bytes().put(values);
    return tensor;
  }

  private static void requireCount(long found, long[] shape) {
    if (found != elements(shape)) {
      throw new AcclimateException(
          "shape %s holds %d values, found %d"
              .formatted(Arrays.toString(shape), elements(shape), found));
    }
  }

  /** The element type. */
  public DType type() {
    return type;
  }

  /** A copy of the dimensions. */
  public long[] shape() {
    return shape.clone();
  }

  /** The number of dimensions. */
  public int rank() {
    return shape.length;
  }

  /** One dimension. */
  public long dim(int axis) {
    return shape[axis];
  }

  /** The number of elements. */
  public long elements() {
    return elements(shape);
  }

  /** The product of the dimensions; a negative one is an error, and so is an overflow. */
  public static long elements(long... shape) {
    long count = 1;
    for (long dim : shape) {
      if (dim < 0) {
        throw new AcclimateException("negative dimension in shape " + Arrays.toString(shape));
      }
      if (dim != 0 && count > Long.MAX_VALUE / dim) {
        throw new AcclimateException("too many elements in shape " + Arrays.toString(shape));
      }
      count *= dim;
    }
    return count;
  }

  /** The first {@code rows} rows as a tensor on the same memory. */
  public Tensor rows(int rows) {
    if (shape.length == 0 || rows < 0 || rows > shape[0]) {
      throw new AcclimateException(
          "cannot take " + rows + " rows of a tensor of shape " + Arrays.toString(shape));
    }
    long[] part = shape.clone();
    part[0] = rows;
    ByteBuffer slice = data.duplicate().order(ByteOrder.nativeOrder()).clear();
    slice.limit((int) (elements(part) * type.bytes()));
    return new Tensor(type, part, slice.slice().order(ByteOrder.nativeOrder()));
  }

  /**
   * A part of the elements as a tensor of another shape on the same memory.
   *
   * @param start the first element, counted from 0
   */
  public Tensor view(long start, long... viewShape) {
    long count = elements(viewShape);
    if (start < 0 || start + count > elements()) {
      throw new AcclimateException(
          "cannot take %d elements from %d on of a tensor of shape %s"
              .formatted(count, start, Arrays.toString(shape)));
    }
    ByteBuffer part = bytes();
    part.position((int) (start * type.bytes())).limit((int) ((start + count) * type.bytes()));
    return new Tensor(type, viewShape.clone(), part.slice().order(ByteOrder.nativeOrder()));
  }

  /** A view of the raw data of a tensor of any type, in the machine's order; writes go through. */
  public ByteBuffer bytes() {
    return data.duplicate().clear().order(ByteOrder.nativeOrder());
  }

  /** A view of all bit patterns of a {@link DType#FLOAT16} tensor; writes go through. */
  public ShortBuffer halves() {
    require(DType.FLOAT16);
    return data.asShortBuffer();
  }

  /** A view of all elements of a {@link DType#FLOAT32} tensor; writes go through. */
  public FloatBuffer floats() {
    require(DType.FLOAT32);
    return data.asFloatBuffer();
  }

  /** A view of all elements of a {@link DType#FLOAT64} tensor; writes go through. */
  public DoubleBuffer doubles() {
    require(DType.FLOAT64);
    return data.asDoubleBuffer();
  }

  /** A view of all elements of a {@link DType#INT32} tensor; writes go through. */
  public IntBuffer ints() {
    require(DType.INT32);
    return data.asIntBuffer();
  }

  /** A view of all elements of a {@link DType#INT64} tensor; writes go through. */
  public LongBuffer longs() {
    require(DType.INT64);
    return data.asLongBuffer();
  }

  /** The elements of a {@link DType#FLOAT32} tensor, copied. */
  public float[] toFloatArray() {
    float[] values = new float[Math.toIntExact(elements())];
    floats().get(values);
    return values;
  }

  /** The elements of a {@link DType#FLOAT64} tensor, copied. */
  public double[] toDoubleArray() {
    double[] values = new double[Math.toIntExact(elements())];
    doubles().get(values);
    return values;
  }

  /** The elements of a {@link DType#INT32} tensor, copied. */
  public int[] toIntArray() {
    int[] values = new int[Math.toIntExact(elements())];
    ints().get(values);
    return values;
  }

  /** The elements of a {@link DType#INT64} tensor, copied. */
  public long[] toLongArray() {
    long[] values = new long[Math.toIntExact(elements())];
    longs().get(values);
    return values;
  }

  /** The raw data of a tensor of any type, copied. */
  public byte[] toByteArray() {
    byte[] values = new byte[data.capacity()];
    bytes().get(values);
    return values;
  }

  /** A tensor of the same type, shape and elements on memory of its own. */
  public Tensor copy() {
    Tensor copy = allocate(type, shape);
    copy.bytes().put(bytes());
    return copy;
  }

  /** Whether type, shape and every bit of the elements are equal; NaN equals itself. */
  public boolean contentEquals(Tensor other) {
    return type == other.type && Arrays.equals(shape, other.shape) && bytes().equals(other.bytes());
  }

  private void require(DType wanted) {
    if (type != wanted) {
      throw new AcclimateException("tensor holds " + type + ", asked for " + wanted);
    }
  }

  @Override
  public String toString() {
    return type + Arrays.toString(shape);
  }
}

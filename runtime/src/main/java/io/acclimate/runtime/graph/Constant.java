package io.acclimate.runtime.graph;

import ai.onnx.proto.OnnxMl;
import ai.onnxruntime.platform.Fp16Conversions;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Values that stand in a graph: a weight, an axis list, a scalar. Immutable; the bytes are shared
 * with whatever they were read from, not copied.
 */
public final class Constant {
  private final ValueType type;
  private final ByteBuffer data;

  private Constant(DType type, long[] shape, ByteBuffer data) {
    this.type = ValueType.of(type, shape);
    this.data = data.asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
    long elements = Tensor.elements(shape);
    boolean whole = data.remaining() % type.bytes() == 0;
    if (!whole || data.remaining() / type.bytes() != elements) {
      throw new AcclimateException(
          "constant %s: expected %d elements of %d bytes, found %d bytes"
              .formatted(this.type, elements, type.bytes(), data.remaining()));
    }
  }

  /** A constant on little-endian bytes, which must not change afterwards. */
  public static Constant of(DType type, long[] shape, ByteBuffer data) {
    return new Constant(type, shape, data);
  }

  /** A constant on a tensor's memory, which must not change afterwards. */
  public static Constant of(Tensor tensor) {
    return new Constant(tensor.type(), tensor.shape(), tensor.bytes());
  }

  /** Whole numbers of type {@link DType#INT64}. */
  public static Constant ofLongs(long[] values, long... shape) {
    ByteBuffer data = allocate(values.length * Long.BYTES);
    data.asLongBuffer().put(values);
    return new Constant(DType.INT64, shape, data);
  }

  /** A list of whole numbers, {@code [n]}. */
  public static Constant ofList(long... values) {
    return ofLongs(values, values.length);
  }

  /** Numbers converted to an element type. */
  public static Constant ofDoubles(DType type, double[] values, long... shape) {
    ByteBuffer data = allocate(values.length * type.bytes());
    for (double value : values) {
      put(data, type, value);
    }
    return new Constant(type, shape, data.flip());
  }

  /** One number of an element type. */
  public static Constant scalar(DType type, double value) {
    return ofDoubles(type, new double[] {value});
  }

  private static ByteBuffer allocate(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static void put(ByteBuffer data, DType type, double value) {
    switch (type) {
      case FLOAT32 -> data.putFloat((float) value);
      case FLOAT64 -> data.putDouble(value);
      case INT64 -> data.putLong((long) value);
      case INT32 -> data.putInt((int) value);
      case INT8, UINT8, BOOL -> data.put((byte) value);
      case FLOAT16 -> data.putShort(Fp16Conversions.floatToFp16((float) value));
    }
  }

  /** Element type and shape. */
  public ValueType type() {
    return type;
  }

  /** The number of elements. */
  public int elements() {
    return data.remaining() / type.type().bytes();
  }

  /** The little-endian bytes, read-only. */
  public ByteBuffer bytes() {
    return data.duplicate().order(ByteOrder.LITTLE_ENDIAN);
  }

  /** The same values on memory of their own. */
  public Constant copy() {
    ByteBuffer copy = ByteBuffer.allocate(data.remaining());
    return new Constant(type.type(), type.shape().sizes(), copy.put(bytes()).flip());
  }

  /** The values as a new tensor. */
  public Tensor toTensor() {
    Tensor tensor = Tensor.allocate(type.type(), type.shape().sizes());
    tensor.bytes().put(bytes());
    return tensor;
  }

  /** The values as whole numbers; an error for floating-point ones. */
  public long[] toLongs() {
    ByteBuffer in = bytes();
    long[] values = new long[elements()];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          switch (type.type()) {
            case INT64 -> in.getLong();
            case INT32 -> in.getInt();
            case INT8 -> in.get();
            case UINT8, BOOL -> in.get() & 0xFF;
            default ->
                throw new AcclimateException("expected whole numbers, found a constant " + type);
          };
    }
    return values;
  }

  /** The values as doubles. */
  public double[] toDoubles() {
    if (!type.type().isFloating()) {
      return Arrays.stream(toLongs()).asDoubleStream().toArray();
    }
    ByteBuffer in = bytes();
    double[] values = new double[elements()];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          switch (type.type()) {
            case FLOAT64 -> in.getDouble();
            case FLOAT32 -> in.getFloat();
            default -> Fp16Conversions.fp16ToFloat(in.getShort());
          };
    }
    return values;
  }

  /** Reads ONNX's form; the bytes are shared with it where it holds them raw. */
  static Constant of(OnnxMl.TensorProto proto) {
    DType type = DType.ofOnnxCode(proto.getDataType());
    long[] shape = proto.getDimsList().stream().mapToLong(Long::longValue).toArray();
    if (proto.getDataLocation() == OnnxMl.TensorProto.DataLocation.EXTERNAL) {
      throw new AcclimateException(
          "tensor '%s' is stored outside the model file; expected its values inside"
              .formatted(proto.getName()));
    }
    if (proto.hasRawData()) {
      return new Constant(type, shape, proto.getRawData().asReadOnlyByteBuffer());
    }
    return new Constant(type, shape, listed(proto, type));
  }

  /** The values of a tensor that lists them one by one. */
  private static ByteBuffer listed(OnnxMl.TensorProto proto, DType type) {
    int count =
        switch (type) {
          case FLOAT32 -> proto.getFloatDataCount();
          case FLOAT64 -> proto.getDoubleDataCount();
          case INT64 -> proto.getInt64DataCount();
          default -> proto.getInt32DataCount();
        };
    ByteBuffer data = allocate(Math.multiplyExact(count, type.bytes()));
    switch (type) {
      case FLOAT32 -> proto.getFloatDataList().forEach(data::putFloat);
      case FLOAT64 -> proto.getDoubleDataList().forEach(data::putDouble);
      case INT64 -> proto.getInt64DataList().forEach(data::putLong);
      case INT32 -> proto.getInt32DataList().forEach(data::putInt);
      case FLOAT16 -> proto.getInt32DataList().forEach(bits -> data.putShort(bits.shortValue()));
      case INT8, UINT8, BOOL -> proto.getInt32DataList().forEach(v -> data.put(v.byteValue()));
    }
    return data.flip();
  }

  /** ONNX's form under a name; the bytes are shared. */
  OnnxMl.TensorProto toProto(String name) {
    ByteString raw = UnsafeByteOperations.unsafeWrap(bytes());
    OnnxMl.TensorProto.Builder proto =
        OnnxMl.TensorProto.newBuilder()
            .setName(name)
            .setDataType(type.type().onnxCode())
            .setRawData(raw);
    type.shape().dims().forEach(dim -> proto.addDims(dim.size()));
    return proto.build();
  }

  /** Equal types and equal bytes. */
  @Override
  public boolean equals(Object other) {
    return other instanceof Constant constant
        && type.equals(constant.type)
        && data.equals(constant.data);
  }

  @Override
  public int hashCode() {
    return type.hashCode() * 31 + Math.min(elements(), 64);
  }

  @Override
  public String toString() {
    return elements() <= 8 ? type + "=" + Arrays.toString(toDoubles()) : type.toString();
  }
}

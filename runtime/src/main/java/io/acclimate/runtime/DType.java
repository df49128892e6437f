package io.acclimate.runtime;

import ai.onnxruntime.OnnxJavaType;

/** The element type of a {@link Tensor}. */
public enum DType {
  /** IEEE half precision, as raw 16-bit patterns. */
  FLOAT16(2, OnnxJavaType.FLOAT16, 10, "F16"),
  /** IEEE single precision. */
  FLOAT32(4, OnnxJavaType.FLOAT, 1, "F32"),
  /** IEEE double precision. */
  FLOAT64(8, OnnxJavaType.DOUBLE, 11, "F64"),
  /** Signed 8-bit integer. */
  INT8(1, OnnxJavaType.INT8, 3, "I8"),
  /** Signed 32-bit integer. */
  INT32(4, OnnxJavaType.INT32, 6, "I32"),
  /** Signed 64-bit integer. */
  INT64(8, OnnxJavaType.INT64, 7, "I64"),
  /** Unsigned 8-bit integer. */
  UINT8(1, OnnxJavaType.UINT8, 2, "U8"),
  /** Truth value: one byte, 0 or 1. */
  BOOL(1, OnnxJavaType.BOOL, 9, "BOOL");

  private final int bytes;
  private final OnnxJavaType onnx;
  private final int onnxCode;
  private final String safetensorsName;

  DType(int bytes, OnnxJavaType onnx, int onnxCode, String safetensorsName) {
    this.bytes = bytes;
    this.onnx = onnx;
    this.onnxCode = onnxCode;
    this.safetensorsName = safetensorsName;
  }

  /** The size of one element in bytes. */
  public int bytes() {
    return bytes;
  }

  /** ONNX Runtime's name of the type. */
  public OnnxJavaType onnx() {
    return onnx;
  }

  /** The type's number in ONNX files: {@code TensorProto.DataType}. */
  public int onnxCode() {
    return onnxCode;
  }

  /** The type's name in safetensors files, such as {@code F32}. */
  public String safetensorsName() {
    return safetensorsName;
  }

  /** Whether the elements are floating-point numbers. */
  public boolean isFloating() {
    return this == FLOAT16 || this == FLOAT32 || this == FLOAT64;
  }

  /**
   * The type with this number in ONNX files.
   *
   * @throws AcclimateException when tensors cannot hold it
   */
  public static DType ofOnnxCode(int code) {
    for (DType type : values()) {
      if (type.onnxCode == code) {
        return type;
      }
    }
    throw new AcclimateException(
        "unsupported ONNX data type %d; known: 1, 2, 3, 6, 7, 9, 10, 11".formatted(code));
  }

  /**
   * The type with this name in safetensors files.
   *
   * @throws AcclimateException when tensors cannot hold it
   */
  public static DType ofSafetensorsName(String name) {
    for (DType type : values()) {
      if (type.safetensorsName.equals(name)) {
        return type;
      }
    }
    throw new AcclimateException(
        "expected dtype F16, F32, F64, I8, I32, I64, U8 or BOOL, found %s (unsupported)"
            .formatted(name));
  }
}

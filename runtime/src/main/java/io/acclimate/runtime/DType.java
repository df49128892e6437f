package io.acclimate.runtime;

import ai.onnxruntime.OnnxJavaType;

/** The element type of a {@link Tensor}. */
public enum DType {
  /** IEEE single precision. */
  FLOAT32(4, OnnxJavaType.FLOAT),
  /** IEEE double precision. */
  FLOAT64(8, OnnxJavaType.DOUBLE),
  /** Signed 32-bit integer. */
  INT32(4, OnnxJavaType.INT32),
  /** Signed 64-bit integer. */
  INT64(8, OnnxJavaType.INT64);

  private final int bytes;
  private final OnnxJavaType onnx;

  DType(int bytes, OnnxJavaType onnx) {
    this.bytes = bytes;
    this.onnx = onnx;
  }

  /** The size of one element in bytes. */
  public int bytes() {
    return bytes;
  }

  OnnxJavaType onnx() {
    return onnx;
  }
}

package io.acclimate.bank.codec;

import ai.onnxruntime.platform.Fp16Conversions;
import io.acclimate.bank.TensorMaps;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.io.Safetensors;
import java.nio.ShortBuffer;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Stores float32 and float64 tensors in half precision: a relative error of at most 2^-11 above
 * 6.1e-5, an absolute one of at most 3e-8 below. Other tensors are stored as they are.
 */
final class Float16Codec implements AdapterCodec {
  static final String NAME = "float16";

  private static final double GREATEST = 65504;

  /** In front of a tensor's name: the element type it had. */
  private static final String TYPE_KEY = "type:";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Safetensors.Contents encode(Map<String, Tensor> tensors) {
    Map<String, Tensor> encoded = new LinkedHashMap<>();
    Map<String, String> metadata = new LinkedHashMap<>();
    tensors.forEach(
        (name, tensor) -> {
          boolean narrow = tensor.type() == DType.FLOAT32 || tensor.type() == DType.FLOAT64;
          encoded.put(name, narrow ? narrow(name, tensor) : tensor);
          if (narrow) {
            metadata.put(TYPE_KEY + name, tensor.type().safetensorsName());
          }
        });
    return new Safetensors.Contents(encoded, metadata);
  }

  private static Tensor narrow(String name, Tensor tensor) {
    Tensor half = Tensor.allocate(DType.FLOAT16, tensor.shape());
    ShortBuffer halves = half.halves();
    for (double value : TensorMaps.flatten(Map.of(name, tensor))) {
      if (Math.abs(value) > GREATEST) {
        throw new AcclimateException(
            "tensor '%s': expected values to %s for codec float16, found %s"
                .formatted(name, GREATEST, value));
      }
      halves.put(Fp16Conversions.floatToFp16((float) value));
    }
    return half;
  }

  @Override
  public Map<String, Tensor> decode(Safetensors.Contents contents) {
    Map<String, Tensor> decoded = new LinkedHashMap<>();
    contents
        .tensors()
        .forEach(
            (name, tensor) -> {
              String type = contents.metadata().get(TYPE_KEY + name);
              decoded.put(name, type == null ? tensor : widen(name, tensor, type));
            });
    return decoded;
  }

  private static Tensor widen(String name, Tensor half, String type) {
    Tensor wide = Tensor.allocate(DType.ofSafetensorsName(type), half.shape());
    double[] values = TensorMaps.flatten(Map.of(name, half));
    return TensorMaps.unflatten(values, Map.of(name, wide)).get(name);
  }
}

package io.acclimate.bank.codec;

import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.io.Safetensors;
import java.util.Map;

/** Stores every bit. */
final class LosslessCodec implements AdapterCodec {
  static final String NAME = "lossless";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Safetensors.Contents encode(Map<String, Tensor> tensors) {
    return new Safetensors.Contents(tensors, Map.of());
  }

  @Override
  public Map<String, Tensor> decode(Safetensors.Contents contents) {
    return contents.tensors();
  }
}

package io.acclimate.bank.codec;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.io.Safetensors;
import java.util.Map;

/**
 * Turns an adapter's tensors into the contents of a file and back. Decoding needs nothing but the
 * contents. Immutable, safe for all threads.
 */
public interface AdapterCodec {
  /** The name in files and settings. */
  String name();

  /**
   * Encodes tensors.
   *
   * @throws AcclimateException when the codec cannot hold a value; the tensor is named
   */
  Safetensors.Contents encode(Map<String, Tensor> tensors);

  /**
   * Decodes what {@link #encode} made, to the same names, shapes and element types in the same
   * order; the values are those of the codec's precision.
   *
   * @throws AcclimateException when the contents are none of this codec's
   */
  Map<String, Tensor> decode(Safetensors.Contents contents);
}

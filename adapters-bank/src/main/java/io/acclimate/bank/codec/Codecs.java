package io.acclimate.bank.codec;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.io.Safetensors;
import java.util.LinkedHashMap;
import java.util.Map;

/** The codecs by name. Stateless, safe for all threads. */
public final class Codecs {
  private static final String NAME_KEY = "codec";

  private Codecs() {}

  /** Stores every bit. */
  public static AdapterCodec lossless() {
    return new LosslessCodec();
  }

  /** Stores half precision: half the bytes of float32. */
  public static AdapterCodec float16() {
    return new Float16Codec();
  }

  /**
   * Stores the signs of the largest values (ComPEFT, arXiv 2311.13171): at a density of 0.05 about
   * a hundredth of float32's bytes.
   *
   * @param density the share of values that are kept, above 0 to 0.5
   * @param scale the kept magnitude in standard deviations of all values, above 0
   */
  public static AdapterCodec compeft(double density, double scale) {
    if (!(density > 0 && density <= 0.5 && scale > 0) || Double.isInfinite(scale)) {
      throw new AcclimateException(
          "expected a density above 0 to 0.5 and a finite scale above 0, found %s and %s"
              .formatted(density, scale));
    }
    return new CompeftCodec(density, scale);
  }

  /** Encodes tensors and writes down with which codec. */
  public static Safetensors.Contents encode(AdapterCodec codec, Map<String, Tensor> tensors) {
    Safetensors.Contents encoded = codec.encode(tensors);
    Map<String, String> metadata = new LinkedHashMap<>(Map.of(NAME_KEY, codec.name()));
    metadata.putAll(encoded.metadata());
    return new Safetensors.Contents(encoded.tensors(), metadata);
  }

  /**
   * Decodes with the codec that the contents name; those that name none are plain tensors.
   *
   * @throws AcclimateException when the codec is unknown or the contents are none of its
   */
  public static Map<String, Tensor> decode(Safetensors.Contents contents) {
    String name = contents.metadata().getOrDefault(NAME_KEY, LosslessCodec.NAME);
    AdapterCodec codec =
        switch (name) {
          case LosslessCodec.NAME -> lossless();
          case Float16Codec.NAME -> float16();
          case CompeftCodec.NAME -> compeft(0.5, 1);
          default ->
              throw new AcclimateException(
                  "expected codec lossless, float16 or compeft, found '" + name + "'");
        };
    return codec.decode(contents);
  }
}

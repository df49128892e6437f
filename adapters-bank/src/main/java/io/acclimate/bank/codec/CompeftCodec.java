package io.acclimate.bank.codec;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.acclimate.bank.TensorMaps;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.io.Safetensors;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Stores the signs of the largest values of an adapter and one magnitude for all of them: {@code
 * scale * std(values) * sign(value)} for the share {@code density} of values with the greatest
 * magnitude, 0 for the others. Positions are Golomb-coded, near the entropy bound: 0.34 bits for
 * each value at a density of 0.05. Lossy; integers and truth values are stored as they are.
 *
 * <p>Yadav et al., ComPEFT: Compression for Communicating Parameter Efficient Updates via Sparsity
 * and Quantization, 2023, arXiv 2311.13171. The paper codes the difference to the start, so give it
 * to modules that start at zero or as a difference.
 */
final class CompeftCodec implements AdapterCodec {
  static final String NAME = "compeft";

  private static final String BITS = "compeft.bits";
  private static final String COUNT_KEY = "count";
  private static final String DIVISOR_KEY = "divisor";
  private static final String MAGNITUDE_KEY = "magnitude";
  private static final String LAYOUT_KEY = "layout";
  private static final JsonMapper JSON = new JsonMapper();

  private final double density;
  private final double scale;

  /**
   * Makes the codec; decoding needs neither number.
   *
   * @param density the share of values that are kept, above 0 to 0.5
   * @param scale the kept magnitude in standard deviations, above 0
   */
  CompeftCodec(double density, double scale) {
    this.density = density;
    this.scale = scale;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Safetensors.Contents encode(Map<String, Tensor> tensors) {
    Map<String, Tensor> floating = new LinkedHashMap<>();
    Map<String, Tensor> encoded = new LinkedHashMap<>();
    tensors.forEach((name, t) -> (t.type().isFloating() ? floating : encoded).put(name, t));
    double[] values = TensorMaps.flatten(floating);
    boolean[] kept = largest(values, (int) Math.round(density * values.length));
    int divisor = GolombCode.divisorFor(density);
    BitWriter bits = new BitWriter();
    int count = 0;
    int next = 0;
    for (int i = 0; i < values.length; i++) {
      if (kept[i]) {
        GolombCode.write(bits, i - next, divisor);
        bits.write(values[i] < 0);
        next = i + 1;
        count++;
      }
    }
    byte[] packed = bits.toBytes();
    encoded.put(BITS, Tensor.ofBytes(DType.UINT8, packed, packed.length));
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put(COUNT_KEY, String.valueOf(count));
    metadata.put(DIVISOR_KEY, String.valueOf(divisor));
    metadata.put(MAGNITUDE_KEY, String.valueOf(scale * standardDeviation(values)));
    metadata.put(LAYOUT_KEY, layout(tensors));
    return new Safetensors.Contents(encoded, metadata);
  }

  @Override
  public Map<String, Tensor> decode(Safetensors.Contents contents) {
    try {
      Map<String, Tensor> decoded = new LinkedHashMap<>();
      Map<String, Tensor> floating = new LinkedHashMap<>();
      for (JsonNode entry : JSON.readTree(contents.metadata().get(LAYOUT_KEY))) {
        String name = entry.get("name").textValue();
        DType type = DType.ofSafetensorsName(entry.get("dtype").textValue());
        Tensor tensor = contents.tensors().get(name);
        if (type.isFloating()) {
          long[] shape = JSON.treeToValue(entry.get("shape"), long[].class);
          tensor = Tensor.allocate(type, shape);
          floating.put(name, tensor);
        }
        decoded.put(name, tensor);
      }
      decoded.putAll(TensorMaps.unflatten(values(contents, floating), floating));
      return decoded;
    } catch (JsonProcessingException | RuntimeException e) {
      throw new AcclimateException(
          "expected tensors of codec compeft, found: " + e.getMessage(), e);
    }
  }

  private static double[] values(Safetensors.Contents contents, Map<String, Tensor> floating) {
    double magnitude = Double.parseDouble(contents.metadata().get(MAGNITUDE_KEY));
    int divisor = Integer.parseInt(contents.metadata().get(DIVISOR_KEY));
    int count = Integer.parseInt(contents.metadata().get(COUNT_KEY));
    long elements = floating.values().stream().mapToLong(Tensor::elements).sum();
    double[] values = new double[Math.toIntExact(elements)];
    BitReader bits = new BitReader(contents.tensors().get(BITS).toByteArray());
    int at = 0;
    for (int k = 0; k < count; k++) {
      at += GolombCode.read(bits, divisor);
      values[at++] = bits.read() ? -magnitude : magnitude;
    }
    return values;
  }

  private static String layout(Map<String, Tensor> tensors) {
    ArrayNode layout = JSON.createArrayNode();
    tensors.forEach(
        (name, tensor) -> {
          ObjectNode entry = layout.addObject();
          entry.put("name", name).put("dtype", tensor.type().safetensorsName());
          ArrayNode shape = entry.putArray("shape");
          Arrays.stream(tensor.shape()).forEach(shape::add);
        });
    return layout.toString();
  }

  /** Marks the values of greatest magnitude, of equal ones the first; never a zero. */
  private static boolean[] largest(double[] values, int count) {
    double[] order = Arrays.stream(values).map(Math::abs).sorted().toArray();
    double bound = count == 0 ? Double.POSITIVE_INFINITY : order[order.length - count];
    int above = 0;
    for (double value : values) {
      above += Math.abs(value) > bound ? 1 : 0;
    }
    int equal = count - above;
    boolean[] kept = new boolean[values.length];
    for (int i = 0; i < values.length; i++) {
      double magnitude = Math.abs(values[i]);
      kept[i] = magnitude > bound || magnitude == bound && magnitude > 0 && equal-- > 0;
    }
    return kept;
  }

  private static double standardDeviation(double[] values) {
    double mean = Arrays.stream(values).average().orElse(0);
    double squares = Arrays.stream(values).map(value -> (value - mean) * (value - mean)).sum();
    return Math.sqrt(squares / Math.max(values.length - 1, 1));
  }
}

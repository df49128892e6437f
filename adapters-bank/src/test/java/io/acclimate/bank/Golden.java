package io.acclimate.bank;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.acclimate.runtime.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Vectors computed with the papers' own code; each file names its source. */
public final class Golden {
  private static final ObjectMapper JSON = new ObjectMapper();

  private Golden() {}

  /** One file of {@code golden/continual}. */
  public static JsonNode read(String name) {
    try (InputStream in = Golden.class.getResourceAsStream("/golden/continual/" + name + ".json")) {
      return JSON.readTree(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** All numbers of an array of any depth, row by row. */
  public static double[] numbers(JsonNode node) {
    List<Double> numbers = new ArrayList<>();
    collect(node, numbers);
    return numbers.stream().mapToDouble(Double::doubleValue).toArray();
  }

  private static void collect(JsonNode node, List<Double> numbers) {
    if (node.isArray()) {
      node.forEach(element -> collect(element, numbers));
    } else {
      numbers.add(node.doubleValue());
    }
  }

  /** The fields of an object, or of a list of objects, as float64 vectors. */
  public static Map<String, Tensor> tensors(JsonNode node) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    if (node.isArray()) {
      for (int i = 0; i < node.size(); i++) {
        String prefix = i + ".";
        tensors(node.get(i)).forEach((name, tensor) -> tensors.put(prefix + name, tensor));
      }
    } else {
      node.properties()
          .forEach(
              field -> {
                double[] values = numbers(field.getValue());
                tensors.put(field.getKey(), Tensor.ofDoubles(values, values.length));
              });
    }
    return tensors;
  }
}

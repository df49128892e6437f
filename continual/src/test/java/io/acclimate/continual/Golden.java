package io.acclimate.continual;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.stream.StreamSupport;

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

  /** A matrix. */
  public static double[][] matrix(JsonNode node) {
    return JSON.convertValue(node, double[][].class);
  }

  /** A matrix, row by row. */
  public static double[] flat(JsonNode node) {
    return Arrays.stream(matrix(node)).flatMapToDouble(java.util.Arrays::stream).toArray();
  }

  /** All numbers of an array of any depth, row by row. */
  public static double[] numbers(JsonNode node) {
    return node.isArray()
        ? StreamSupport.stream(node.spliterator(), false)
            .flatMapToDouble(element -> Arrays.stream(numbers(element)))
            .toArray()
        : new double[] {node.doubleValue()};
  }
}

package io.acclimate.tta.gradient;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.StreamSupport;

/** Reads golden files; each names its source. */
final class Golden {
  private static final Path FOLDER = Path.of("src/test/resources/golden/tta");
  private static final ObjectMapper JSON = new ObjectMapper();

  private Golden() {}

  static JsonNode read(String name) throws IOException {
    return JSON.readTree(FOLDER.resolve(name).toFile());
  }

  /** The numbers of a list, or of a list of lists row by row. */
  static double[] numbers(JsonNode list) {
    return StreamSupport.stream(list.spliterator(), false)
        .flatMapToDouble(
            element ->
                element.isArray()
                    ? java.util.Arrays.stream(numbers(element))
                    : java.util.stream.DoubleStream.of(
                        element.isBoolean() ? (element.asBoolean() ? 1 : 0) : element.asDouble()))
        .toArray();
  }
}

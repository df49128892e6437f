package io.acclimate.tta.lame;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.acclimate.tta.OutputBatch;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** LAME against batches computed with the paper's own code; each file names its source. */
class LameGoldenTest {
  private static final Path FOLDER = Path.of("src/test/resources/golden/lame");
  private static final ObjectMapper JSON = new ObjectMapper();

  static List<String> cases() throws IOException {
    try (Stream<Path> files = Files.list(FOLDER)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".json") && !name.endsWith(".f64.json"))
          .sorted()
          .toList();
    }
  }

  @Test
  void everyCaseIsThere() throws IOException {
    assertEquals(17, cases().size());
  }

  @ParameterizedTest
  @MethodSource("cases")
  void agreesWithThePapersCode(String name) throws IOException {
    JsonNode golden = read(name);
    JsonNode reference =
        golden.has("expected_f64") ? golden : read(name.replace(".json", ".f64.json"));
    int n = golden.get("N").asInt();
    int classes = golden.get("C").asInt();
    double[] y = new double[n * classes];
    Lame lame = new Lame(settings(golden));
    run(lame, golden, y);
    assertClose(matrix(golden.get("expected")), y, name.startsWith("13_") ? 2e-3 : 1e-4);
    if (name.startsWith("17_")) {
      return; // its neighbours are decided by float32 rounding and are those of the float32 run
    }
    assertClose(matrix(reference.get("expected_f64")), y, 1e-9);
    if (golden.has("iterations_f64")) {
      assertEquals(golden.get("iterations_f64").asInt(), lame.iterations(), "iterations");
    }
  }

  /** Cases whose neighbours hang on ties take them from the file. */
  private static void run(Lame lame, JsonNode golden, double[] y) {
    int n = golden.get("N").asInt();
    double[] probabilities = matrix(golden.get("probs"));
    if (golden.get("tie_sensitive").asBoolean()) {
      AffinityMatrix given = new AffinityMatrix(settings(golden));
      given.useNeighbours(
          StreamSupport.stream(golden.get("neighbours").spliterator(), false)
              .map(
                  row ->
                      StreamSupport.stream(row.spliterator(), false)
                          .mapToInt(JsonNode::asInt)
                          .toArray())
              .toArray(int[][]::new));
      lame.solve(given, probabilities, n, golden.get("C").asInt(), y);
    } else {
      lame.predict(
          new OutputBatch(
              n,
              golden.get("C").asInt(),
              golden.get("D").asInt(),
              probabilities,
              matrix(golden.get("features")),
              null),
          y);
    }
  }

  private static LameSettings settings(JsonNode golden) {
    return new LameSettings(
        switch (golden.get("affinity").asText()) {
          case "kNN" -> Affinity.KNN;
          case "rbf" -> Affinity.RBF;
          case "linear" -> Affinity.LINEAR;
          default -> throw new IllegalArgumentException(golden.get("affinity").asText());
        },
        golden.get("knn").asInt(),
        golden.get("force_symmetry").asBoolean(),
        golden.get("max_steps").asInt(),
        golden.get("bound_lambda").asDouble());
  }

  private static JsonNode read(String name) throws IOException {
    try (InputStream in = Files.newInputStream(FOLDER.resolve(name))) {
      return JSON.readTree(in);
    }
  }

  private static double[] matrix(JsonNode rows) {
    return StreamSupport.stream(rows.spliterator(), false)
        .flatMap(row -> StreamSupport.stream(row.spliterator(), false))
        .mapToDouble(JsonNode::asDouble)
        .toArray();
  }

  private static void assertClose(double[] expected, double[] found, double tolerance) {
    assertEquals(expected.length, found.length);
    double worst = 0;
    for (int k = 0; k < found.length; k++) {
      worst = Math.max(worst, Math.abs(expected[k] - found[k]));
    }
    assertTrue(worst <= tolerance, "largest difference " + worst + ", allowed " + tolerance);
  }
}

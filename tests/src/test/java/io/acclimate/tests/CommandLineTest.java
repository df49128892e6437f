package io.acclimate.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.acclimate.runtime.io.Npy;
import io.acclimate.runtime.io.NpyArray;
import io.acclimate.runtime.io.NpyType;
import io.acclimate.tests.support.Command;
import io.acclimate.tests.support.Project;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The command as a person runs it, in a process of its own. */
class CommandLineTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String DRIFT = Project.example("fashion-drift.conf").toString();
  private static final String MODEL = Project.example("models/fashion-vit.onnx").toString();

  @TempDir Path folder;

  /** Every command; the empty name is the program itself. */
  static List<String> commands() {
    return List.of(
        "",
        "simulate",
        "serve",
        "cluster",
        "train",
        "methods",
        "inspect",
        "correct",
        "source-consistency",
        "source-fisher",
        "source-label-shift",
        "source-statistics",
        "bank",
        "journal",
        "bench");
  }

  @ParameterizedTest
  @MethodSource("commands")
  void everyCommandHasHelp(String command) throws Exception {
    Command.Result result =
        command.isEmpty() ? Command.run(folder, "--help") : Command.run(folder, command, "--help");
    assertEquals(0, result.exitCode(), result.error());
    assertTrue(result.output().startsWith("Usage: acclimate"), result.output());
  }

  @ParameterizedTest
  @MethodSource("commands")
  void everyCommandHasAVersion(String command) throws Exception {
    Command.Result result =
        command.isEmpty()
            ? Command.run(folder, "--version")
            : Command.run(folder, command, "--version");
    assertEquals(0, result.exitCode(), result.error());
    assertTrue(result.output().contains("onnxruntime 1.28.0"), result.output());
  }

  @Test
  void outputFolderMayBeALink() throws Exception {
    Path real = Files.createDirectory(folder.resolve("real"));
    Files.createSymbolicLink(folder.resolve("link"), real);
    Command.Result result =
        Command.run(
            folder,
            "simulate",
            DRIFT,
            "--out",
            "link",
            "--set",
            "stream.samples-per-domain=8",
            "--set",
            "domains=[clean]");
    assertEquals(0, result.exitCode(), result.error());
    assertTrue(Files.exists(real.resolve("report.json")));
  }

  @Test
  void simulateWritesBothReportsAndPrintsATable() throws Exception {
    Command.Result result =
        Command.run(
            folder,
            "simulate",
            DRIFT,
            "--out",
            "reports/small",
            "--set",
            "stream.samples-per-domain=64",
            "--set",
            "domains=[clean, gaussian_noise]");
    assertEquals(0, result.exitCode(), result.error());
    assertTrue(result.output().contains("gaussian_noise"), result.output());
    assertTrue(result.error().contains("128 of 128 samples"), result.error());
    JsonNode report = JSON.readTree(folder.resolve("reports/small/report.json").toFile());
    assertFalse(report.get("partial").asBoolean());
    assertEquals("1.28.0", report.at("/versions/onnxruntime").asText());
    assertEquals("2.8.5", report.at("/versions/akka").asText());
    assertEquals(64, report.at("/runs/0/methods/0/domains/1/samples").asInt());
    String html = Files.readString(folder.resolve("reports/small/report.html"));
    assertFalse(html.contains("/*REPORT-JSON*/"), "data is in place");
    assertFalse(html.matches("(?s).*(src|href)=.?https?:.*"), "nothing is loaded from elsewhere");
    try (Stream<Path> files = Files.list(folder.resolve("reports/small"))) {
      assertEquals(2, files.count(), "nothing else is left");
    }
  }

  @Test
  void methodsAndInspectPrintJson() throws Exception {
    JsonNode methods = JSON.readTree(Command.run(folder, "methods", "--json").output());
    JsonNode lame = method(methods, "lame");
    assertEquals("knn", lame.at("/settings/affinity").asText());
    assertTrue(lame.get("needsFeatures").asBoolean());
    assertEquals("none", lame.get("source").asText());
    assertEquals("head", method(methods, "t3a").get("source").asText());
    assertEquals("adam", method(methods, "tent").at("/settings/optimizer/kind").asText());
    assertEquals(
        "head, label-shift", method(methods, "label-shift-adapter").get("source").asText());
    JsonNode foa = method(methods, "foa");
    assertTrue(foa.get("runsModel").asBoolean() && !foa.get("needsGradients").asBoolean());
    assertTrue(method(methods, "tent").get("runsModel").asBoolean());
    JsonNode model = JSON.readTree(Command.run(folder, "inspect", MODEL, "--json").output());
    assertEquals(13, model.at("/ops/LayerNormalization").asInt());
    assertEquals("image", model.at("/inputs/0/name").asText());
    assertEquals(6, model.get("blocks").asInt());
    assertEquals(6, model.at("/siteCounts/attention-q").asInt());
    assertEquals(0, model.get("withoutGradient").size());
  }

  private static JsonNode method(JsonNode methods, String name) {
    for (JsonNode method : methods.get("methods")) {
      if (method.get("name").asText().equals(name)) {
        return method;
      }
    }
    throw new AssertionError("no method " + name);
  }

  /** Statistics of the test images, for the test only, are written and taken by a scenario. */
  @Test
  void sourceStatisticsAreWrittenAndRead() throws Exception {
    Path data = Project.example("data/fashion-mnist");
    String[] source = {
      "source-statistics",
      MODEL,
      "--data",
      data.resolve("t10k-images-idx3-ubyte.gz").toString(),
      "--labels",
      data.resolve("t10k-labels-idx1-ubyte.gz").toString(),
      "--out",
      "source.safetensors"
    };
    Command.Result written = Command.run(folder, source);
    assertEquals(0, written.exitCode(), written.error());
    assertTrue(written.output().contains("10000 samples of 10 classes"), written.output());
    Command.Result run =
        Command.run(
            folder,
            "simulate",
            DRIFT,
            "--json",
            "--set",
            "model.source-statistics=" + folder.resolve("source.safetensors"),
            "--set",
            "stream.samples-per-domain=64",
            "--set",
            "domains=[clean]",
            "--set",
            "methods=[auto, prior-correction, t3a]");
    assertEquals(0, run.exitCode(), run.error());
    JsonNode auto = JSON.readTree(run.output()).at("/runs/0/methods/1");
    assertEquals("auto", auto.get("name").asText());
    assertEquals(0, auto.at("/choices/0/sample").asInt());
    assertTrue(auto.at("/choices/0/reason").asText().startsWith("correlation"));
    assertEquals(0, auto.get("resetLog").size());
    Files.write(folder.resolve("source.safetensors"), new byte[] {1, 2, 3});
    refuse(
        "source.safetensors",
        "simulate",
        DRIFT,
        "--set",
        "model.source-statistics=" + folder.resolve("source.safetensors"));
  }

  /** Bad usage and bad input: exit code 2, one message, no stack trace. */
  @Test
  void badInputEndsWithTwoAndAMessage() throws Exception {
    Path noModel = Files.writeString(folder.resolve("noise.onnx"), "noise");
    Path cut = folder.resolve("cut.gz");
    byte[] whole =
        Files.readAllBytes(Project.example("data/fashion-mnist/t10k-images-idx3-ubyte.gz"));
    Files.write(cut, java.util.Arrays.copyOf(whole, whole.length / 2));
    Path file = Files.createFile(folder.resolve("file"));
    refuse("expected a command");
    refuse("Unmatched argument", "simulat");
    refuse("expected a SCENARIO or --resume", "simulate");
    refuse("nowhere.conf: expected a file, found nothing there", "simulate", "nowhere.conf");
    refuse("unknown setting", "simulate", DRIFT, "--set", "streams=3");
    refuse("did you mean 'lame'", "simulate", DRIFT, "--set", "methods=[lama]");
    refuse("did you mean 'snow'", "simulate", DRIFT, "--set", "domains=[snoww]");
    refuse(
        "no effect with kind = dirichlet",
        "simulate",
        DRIFT,
        "--set",
        "label-shift.block-classes=2");
    refuse("output folder " + file + "/out: expected", "simulate", DRIFT, "--out", file + "/out");
    refuse("expected a folder, found the file", "simulate", DRIFT, "--out", file.toString());
    refuse("noise.onnx", "simulate", DRIFT, "--set", "model.path=" + noModel);
    refuse("cut.gz", "simulate", DRIFT, "--set", "data.path=" + cut);
    refuse("no output 'scores'", "simulate", DRIFT, "--set", "model.outputs.logits=scores");
    refuse(
        "needs features",
        "simulate",
        DRIFT,
        "--set",
        "model.outputs.features=none",
        "--set",
        "model.source-statistics=\"\"");
    refuse("nowhere.onnx: expected a file", "inspect", "nowhere.onnx");
    refuse("expected sizes for [batch]", "inspect", MODEL, "--dim", "tokens=3");
    refuse("expected one of linear", "inspect", MODEL, "--site-kind", "query");
    refuse("no module attaches", "inspect", MODEL, "--check-gradients", "--site-kind", "tokens");
    refuse("unknown benchmark", "bench", "pipelines");
    refuse("expected the folder", "bench", "pipeline", "--json", "nowhere/figures.json");
    try (Stream<Path> left = Files.list(folder)) {
      assertEquals(Set.of(noModel, cut, file), left.collect(Collectors.toSet()), "nothing is left");
    }
  }

  private void refuse(String words, String... arguments) throws Exception {
    Command.Result result = Command.run(folder, arguments);
    String shown = String.join(" ", arguments) + ": " + result.error();
    assertEquals(2, result.exitCode(), shown);
    assertTrue(result.error().contains(words), shown);
    assertFalse(result.error().contains("\tat "), shown);
    assertEquals("", result.output(), shown);
  }

  /** The arrays of a paper's run go in, the same answer comes out, in the type of the input. */
  @Test
  void correctAgreesWithThePapersCode() throws Exception {
    JsonNode golden = golden("09_knn5_corr_n64_d16_c10.json");
    Path probabilities = write("p.npy", golden.get("probs"), NpyType.F8);
    Path features = write("f.npy", golden.get("features"), NpyType.F8);
    correct(probabilities, features, "double.npy");
    NpyArray found = Npy.read(folder.resolve("double.npy"));
    assertEquals(NpyType.F8, found.type());
    assertClose(golden.get("expected_f64"), found.toDoubles(), 1e-9);
    correct(write("p32.npy", golden.get("probs"), NpyType.F4), features, "single.npy");
    found = Npy.read(folder.resolve("single.npy"));
    assertEquals(NpyType.F4, found.type());
    assertClose(golden.get("expected"), found.toDoubles(), 1e-4);
    JsonNode rbf = golden("02_rbf5_n64_d16_c10.json");
    correct(
        write("p.npy", rbf.get("probs"), NpyType.F8),
        write("f.npy", rbf.get("features"), NpyType.F8),
        "rbf.npy",
        "--set",
        "affinity=rbf",
        "--json");
    assertClose(rbf.get("expected_f64"), Npy.read(folder.resolve("rbf.npy")).toDoubles(), 1e-9);
  }

  @Test
  void correctSplitsIntoBatches() throws Exception {
    JsonNode golden = golden("09_knn5_corr_n64_d16_c10.json");
    Path probabilities = write("p.npy", golden.get("probs"), NpyType.F8);
    Path features = write("f.npy", golden.get("features"), NpyType.F8);
    correct(probabilities, features, "one.npy", "--batch", "1");
    assertClose(golden.get("probs"), Npy.read(folder.resolve("one.npy")).toDoubles(), 1e-6);
  }

  @Test
  void correctRefusesWhatDoesNotFit() throws Exception {
    Path p = folder.resolve("p.npy");
    Path f = folder.resolve("f.npy");
    Npy.write(p, NpyArray.of(new double[] {0.5, 0.5, 0.1, 0.9}, 2, 2));
    Npy.write(f, NpyArray.of(new double[] {1, 2, 3}, 3, 1));
    String[] files = {"--probs", "p.npy", "--out", "o.npy"};
    refuse("needs --features", with(files, "correct", "lame"));
    refuse("expected 2 samples", with(files, "correct", "lame", "--features", "f.npy"));
    refuse("unknown method", with(files, "correct", "lime"));
    refuse("needs --labels", with(files, "correct", "oracle"));
    refuse("unknown setting", with(files, "correct", "frozen", "--set", "knn=3"));
    Npy.write(f, NpyArray.of(new double[] {1, Double.NaN}, 2, 1));
    refuse("NaN in row 1", with(files, "correct", "lame", "--features", "f.npy"));
    Npy.write(p, NpyArray.of(new double[] {3, -1, 0.1, 0.9}, 2, 2));
    refuse("sum to 1", with(files, "correct", "frozen"));
    Npy.write(p, NpyArray.of(new double[0], 0, 2));
    refuse("at least 1 sample", with(files, "correct", "frozen"));
    Files.write(p, new byte[] {1, 2, 3});
    refuse("p.npy", with(files, "correct", "frozen"));
    assertFalse(Files.exists(folder.resolve("o.npy")), "nothing is half written");
  }

  private static String[] with(String[] last, String... first) {
    return Stream.concat(Stream.of(first), Stream.of(last)).toArray(String[]::new);
  }

  private void correct(Path probabilities, Path features, String out, String... more)
      throws Exception {
    String[] base = {
      "correct",
      "lame",
      "--probs",
      probabilities.toString(),
      "--features",
      features.toString(),
      "--out",
      out
    };
    Command.Result result = Command.run(folder, with(more, base));
    assertEquals(0, result.exitCode(), result.error());
  }

  private static JsonNode golden(String name) throws IOException {
    return JSON.readTree(
        Project.root().resolve("tta/src/test/resources/golden/lame").resolve(name).toFile());
  }

  private Path write(String name, JsonNode rows, NpyType type) {
    int columns = rows.get(0).size();
    double[] values = flat(rows);
    float[] narrow = new float[values.length];
    for (int k = 0; k < values.length; k++) {
      narrow[k] = (float) values[k];
    }
    int[] shape = {rows.size(), columns};
    Path file = folder.resolve(name);
    Npy.write(file, type == NpyType.F4 ? NpyArray.of(narrow, shape) : NpyArray.of(values, shape));
    return file;
  }

  private static double[] flat(JsonNode rows) {
    int columns = rows.get(0).size();
    double[] values = new double[rows.size() * columns];
    for (int k = 0; k < values.length; k++) {
      values[k] = rows.get(k / columns).get(k % columns).asDouble();
    }
    return values;
  }

  private static void assertClose(JsonNode expected, double[] found, double tolerance) {
    double[] values = flat(expected);
    assertEquals(values.length, found.length);
    for (int k = 0; k < values.length; k++) {
      assertEquals(values[k], found[k], tolerance, "value " + k);
    }
  }

  /** Ctrl-C in mid-run: a partial report, exit code 130, no crash of the native libraries. */
  @ParameterizedTest
  @ValueSource(ints = {64, 1})
  void interruptLeavesAPartialReport(int batchSize) throws Exception {
    Command command =
        Command.start(
            folder,
            Map.of(),
            "simulate",
            DRIFT,
            "--out",
            "stopped",
            "--set",
            "stream.batch-size=" + batchSize);
    while (!command.errorSoFar().contains("samples;") && command.process().isAlive()) {
      Thread.onSpinWait();
    }
    Command.Result result = command.interrupt();
    assertEquals(130, result.exitCode(), result.error());
    assertTrue(result.output().contains("PARTIAL"), result.output());
    assertTrue(
        result.output().lines().anyMatch(line -> line.matches("jpeg_compression +5 +0( +-){3}")),
        result.output());
    JsonNode report = JSON.readTree(folder.resolve("stopped/report.json").toFile());
    assertTrue(report.get("partial").asBoolean());
    int samples = report.at("/runs/0/methods/0/samples").asInt();
    assertTrue(samples > 0 && samples < 15_000, "samples: " + samples);
    try (Stream<Path> files = Files.list(folder)) {
      assertTrue(files.noneMatch(file -> file.toString().contains("hs_err")));
    }
  }
}

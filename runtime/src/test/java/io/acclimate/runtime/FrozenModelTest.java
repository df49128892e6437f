package io.acclimate.runtime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.acclimate.runtime.graph.Attributes;
import io.acclimate.runtime.graph.Constant;
import io.acclimate.runtime.graph.Dim;
import io.acclimate.runtime.graph.GraphBuilder;
import io.acclimate.runtime.graph.OnnxFormat;
import io.acclimate.runtime.graph.Shape;
import io.acclimate.runtime.graph.ValueType;
import io.acclimate.runtime.testing.TinyModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FrozenModelTest {
  private static final List<String> OUTPUTS = List.of("logits", "features");

  /** The number 1 in little-endian bytes. */
  private static final Map<DType, byte[]> ONES =
      Map.of(
          DType.FLOAT16, new byte[] {0, 0x3C},
          DType.FLOAT32, new byte[] {0, 0, (byte) 0x80, 0x3F},
          DType.FLOAT64, new byte[] {0, 0, 0, 0, 0, 0, (byte) 0xF0, 0x3F});

  @TempDir Path folder;

  private Path file() throws IOException {
    return TinyModels.linear(folder.resolve("linear.onnx"), 3, 2, new float[] {1, 2, 3, 4, 5, 6});
  }

  @Test
  void runsBatchesOfAnySizeAndSaysWhatItIs() throws IOException {
    try (FrozenModel model = FrozenModel.open(file());
        ModelRunner runner = model.newRunner(OUTPUTS)) {
      assertEquals("[batch, 3]", model.singleInput().shapeText());
      assertEquals(Device.CPU, model.device());
      assertEquals(ContentHash.sha256(Files.readAllBytes(file())), model.sha256());
      for (int batch : new int[] {1, 5, 2, 300, 1}) {
        Tensor input = Tensor.allocate(DType.FLOAT32, batch, 3);
        for (int i = 0; i < batch; i++) {
          input.floats().put(3 * i, i + 1).put(3 * i + 1, -1).put(3 * i + 2, 1);
        }
        Map<String, Tensor> outputs = runner.run(input);
        for (int i = 0; i < batch; i++) {
          assertEquals(i + 1 + 5, outputs.get("logits").floats().get(2 * i), 1e-4);
          assertEquals(2 * (i + 1) + 6, outputs.get("logits").floats().get(2 * i + 1), 1e-4);
          assertEquals(0, outputs.get("features").floats().get(3 * i + 1));
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void takesInputsOfEveryElementType(DType type) throws IOException {
    Path cast = TinyModels.cast(folder.resolve("cast.onnx"), type.onnxCode(), 3);
    byte[] one = type.isFloating() ? ONES.get(type) : new byte[] {1};
    Tensor input = Tensor.allocate(type, 2, 3);
    input.bytes().put(4 * type.bytes(), one);
    try (FrozenModel model = FrozenModel.open(cast);
        ModelRunner runner = model.newRunner(List.of("y"))) {
      assertArrayEquals(new float[] {0, 0, 0, 0, 1, 0}, runner.run(input).get("y").toFloatArray());
    }
  }

  /** The hot path writes into the same buffers again and reads the input where it lies. */
  @Test
  void buffersAreReused() throws IOException {
    try (FrozenModel model = FrozenModel.open(file());
        ModelRunner runner = model.newRunner(OUTPUTS)) {
      Tensor input = Tensor.ofFloats(new float[] {1, 0, 0}, 1, 3);
      Tensor first = runner.run(input).get("logits");
      assertArrayEquals(new float[] {1, 2}, first.toFloatArray());
      input.floats().put(0, 2f);
      assertSame(first, runner.run(input).get("logits"));
      assertArrayEquals(new float[] {2, 4}, first.toFloatArray());
    }
  }

  @Test
  void moreBatchSizesThanAreCachedStillWork() throws IOException {
    try (FrozenModel model = FrozenModel.open(file());
        ModelRunner runner = model.newRunner(OUTPUTS)) {
      for (int round = 0; round < 2; round++) {
        for (int batch = 1; batch <= 20; batch++) {
          Tensor ones = Tensor.allocate(DType.FLOAT32, batch, 3);
          for (int k = 0; k < 3 * batch; k++) {
            ones.floats().put(k, 1);
          }
          assertEquals(9, runner.run(ones).get("logits").floats().get(2 * (batch - 1)));
        }
      }
    }
  }

  @Test
  void severalThreadsShareOneModel() throws Exception {
    try (FrozenModel model = FrozenModel.open(file())) {
      ExecutorService pool = Executors.newFixedThreadPool(4);
      List<Future<Boolean>> results = new ArrayList<>();
      for (int thread = 0; thread < 4; thread++) {
        float value = thread + 1;
        results.add(
            pool.submit(
                () -> {
                  try (ModelRunner runner = model.newRunner(OUTPUTS)) {
                    Tensor input = Tensor.ofFloats(new float[] {value, 0, 0}, 1, 3);
                    for (int i = 0; i < 500; i++) {
                      if (runner.run(input).get("logits").floats().get(1) != 2 * value) {
                        return false;
                      }
                    }
                  }
                  return true;
                }));
      }
      for (Future<Boolean> result : results) {
        assertTrue(result.get());
      }
      pool.shutdown();
    }
  }

  @Test
  void useAfterCloseIsAnError() throws IOException {
    FrozenModel model = FrozenModel.open(file());
    ModelRunner runner = model.newRunner(OUTPUTS);
    model.close();
    model.close();
    Tensor input = Tensor.ofFloats(new float[] {1, 0, 0}, 1, 3);
    IllegalStateException error =
        assertThrows(IllegalStateException.class, () -> runner.run(input));
    assertTrue(error.getMessage().contains("linear.onnx is closed"), error.getMessage());
  }

  @Test
  void closingWhileOthersRunNeverCrashes() throws Exception {
    for (int round = 0; round < 20; round++) {
      FrozenModel model = FrozenModel.open(file());
      CompletableFuture<Void> running = new CompletableFuture<>();
      CompletableFuture<Void> worker =
          CompletableFuture.runAsync(
              () -> {
                ModelRunner runner = model.newRunner(OUTPUTS);
                Tensor input = Tensor.ofFloats(new float[] {1, 0, 0}, 1, 3);
                while (true) {
                  runner.run(input);
                  running.complete(null);
                }
              });
      CompletableFuture.anyOf(running, worker).join();
      model.close();
      CompletionException ended = assertThrows(CompletionException.class, worker::join);
      assertInstanceOf(IllegalStateException.class, ended.getCause());
    }
  }

  @Test
  void opensResourcesOfTheClassPath() {
    AcclimateException error =
        assertThrows(
            AcclimateException.class,
            () -> FrozenModel.openResource("nowhere/model.onnx", ModelOptions.DEFAULT));
    assertTrue(error.getMessage().contains("nowhere/model.onnx"));
    try (FrozenModel model = FrozenModel.openResource("models/linear.onnx", ModelOptions.DEFAULT)) {
      assertEquals("linear.onnx", model.name());
      assertEquals("[batch, 2]", model.requireOutput("logits").shapeText());
    }
  }

  @Test
  void wrongInputsNameWhatWasExpectedAndFound() throws IOException {
    try (FrozenModel model = FrozenModel.open(file());
        ModelRunner runner = model.newRunner(OUTPUTS)) {
      assertRefused(
          "[batch, 3], found FLOAT32[1, 4]", runner, Tensor.allocate(DType.FLOAT32, 1, 4));
      assertRefused("found FLOAT32[3]", runner, Tensor.allocate(DType.FLOAT32, 3));
      assertRefused(
          "expected FLOAT [batch, 3], found INT64", runner, Tensor.allocate(DType.INT64, 1, 3));
      assertRefused("at least 1 rows, found 0", runner, Tensor.allocate(DType.FLOAT32, 0, 3));
      AcclimateException error =
          assertThrows(AcclimateException.class, () -> model.newRunner(List.of("tokens")));
      assertTrue(error.getMessage().contains("[logits, features]"), error.getMessage());
      error =
          assertThrows(
              AcclimateException.class,
              () -> runner.run(Map.of("y", Tensor.allocate(DType.FLOAT32, 1, 3))));
      assertTrue(error.getMessage().contains("expected inputs [x], found [y]"), error.getMessage());
    }
  }

  private static void assertRefused(String words, ModelRunner runner, Tensor input) {
    AcclimateException error = assertThrows(AcclimateException.class, () -> runner.run(input));
    assertTrue(error.getMessage().contains(words), error.getMessage());
  }

  @Test
  void missingAndDamagedFilesAreNamed() throws IOException {
    assertOpenFails("none.onnx: expected a file, found nothing there", folder.resolve("none.onnx"));
    Path empty = Files.createFile(folder.resolve("empty.onnx"));
    assertOpenFails("empty.onnx: expected an ONNX model, found an empty file", empty);
    Path noise = Files.write(folder.resolve("noise.onnx"), new byte[] {1, 2, 3});
    assertOpenFails("noise.onnx", noise);
    byte[] whole = Files.readAllBytes(file());
    for (int cut = 1; cut < whole.length; cut += 7) {
      Path part = Files.write(folder.resolve("part.onnx"), java.util.Arrays.copyOf(whole, cut));
      assertOpenFails("part.onnx", part);
    }
  }

  private static void assertOpenFails(String words, Path file) {
    AcclimateException error =
        assertThrows(AcclimateException.class, () -> FrozenModel.open(file).close());
    assertTrue(error.getMessage().contains(words), error.getMessage());
  }

  @Test
  void devicesAreReadAndCudaIsAnErrorWhereThereIsNone() throws IOException {
    assertEquals(new Device(Device.Kind.CUDA, 1), Device.parse("cuda:1"));
    assertEquals(Device.AUTO, Device.parse("auto"));
    assertThrows(AcclimateException.class, () -> Device.parse("gpu"));
    Path file = file();
    ModelOptions far = ModelOptions.DEFAULT.onDevice(new Device(Device.Kind.CUDA, 99));
    AcclimateException error =
        assertThrows(AcclimateException.class, () -> FrozenModel.open(file, far).close());
    assertTrue(error.getMessage().contains("cuda:99"), error.getMessage());
    assertEquals(1, error.getMessage().lines().count(), error.getMessage());
  }

  @Test
  void summaryCountsWhatStandsInTheFile() throws IOException {
    ModelSummary summary = ModelSummary.of(file());
    assertEquals(Map.of("Relu", 1, "MatMul", 1), summary.ops());
    assertEquals(6, summary.parameters());
    assertEquals(Map.of("ai.onnx", 17L), summary.opsets());
  }

  /** The head is the linear layer between features and logits, whatever way it was exported. */
  @Test
  void headIsReadFromTheFile() throws IOException {
    try (FrozenModel model = FrozenModel.open(file())) {
      LinearHead head = model.linearHead("logits", "features").orElseThrow();
      assertEquals(2, head.classes());
      assertEquals(3, head.featureSize());
      assertArrayEquals(new float[] {1, 3, 5, 2, 4, 6}, head.weights());
      assertArrayEquals(new float[2], head.bias());
      assertTrue(model.linearHead("features", "features").isEmpty(), "no layer in between");
      assertTrue(model.linearHead("logits", "x").isEmpty(), "x is before the features");
    }
  }

  @Test
  void headIsFoundThroughIdentities() {
    GraphBuilder graph = new GraphBuilder("named");
    Shape shape = new Shape(List.of(Dim.symbol("batch"), Dim.of(2)));
    String features = graph.ops().relu(graph.input("x", new ValueType(DType.FLOAT32, shape)));
    String weights = graph.constant(Constant.of(Tensor.ofFloats(new float[] {1, 2}, 2, 1)));
    String bias = graph.constant(Constant.of(Tensor.ofFloats(new float[] {3}, 1)));
    String logits = graph.ops().add(graph.ops().matMul(features, weights), bias);
    graph.output("logits", graph.ops().op("Identity", Attributes.NONE, logits));
    graph.output("features", features);
    byte[] bytes = OnnxFormat.toBytes(graph.build());
    try (FrozenModel model = FrozenModel.open("named", bytes, ModelOptions.DEFAULT)) {
      LinearHead head = model.linearHead("logits", "features").orElseThrow();
      assertArrayEquals(new float[] {1, 2}, head.weights());
      assertArrayEquals(new float[] {3}, head.bias());
    }
  }

  @Test
  void headOfAnotherFileThanTheOpenedOneIsRefused() throws IOException {
    Path file = file();
    try (FrozenModel model = FrozenModel.open(file)) {
      TinyModels.linear(file, 3, 2, new float[6]);
      AcclimateException error =
          assertThrows(AcclimateException.class, () -> model.linearHead("logits", "features"));
      assertTrue(error.getMessage().contains("SHA-256"), error.getMessage());
    }
  }
}

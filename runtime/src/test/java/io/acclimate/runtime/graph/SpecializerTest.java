package io.acclimate.runtime.graph;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.OrtRuns;
import io.acclimate.runtime.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class SpecializerTest {
  private static final Path VISION_TRANSFORMER = Path.of("../examples/models/fashion-vit.onnx");

  private static void assertRefused(Executable use, String... parts) {
    AcclimateException e = assertThrows(AcclimateException.class, use);
    for (String part : parts) {
      assertTrue(e.getMessage().contains(part), e.getMessage());
    }
  }

  /** y = x w, reshaped by arithmetic on the shape of x. */
  private static OnnxProtos model(Object... dims) {
    return new OnnxProtos(13)
        .input("x", dims)
        .output("y")
        .initializer("w", Constant.ofDoubles(DType.FLOAT32, new double[] {1, 2, 3, 4, 5, 6}, 3, 2))
        .initializer("zero", Constant.ofLongs(new long[] {0}))
        .initializer("first", Constant.ofList(0))
        .initializer("rest", Constant.ofList(-1))
        .node("MatMul", "x,w", "a")
        .node("Shape", "x", "shape")
        .node("Gather", "shape,zero", "batch")
        .node("Unsqueeze", "batch,first", "rows")
        .node("Concat", "rows,rest", "target", OnnxProtos.of("axis", 0))
        .node("Reshape", "a,target", "y");
  }

  @Test
  void shapeArithmeticIsFoldedAway() {
    Specializer specializer = Specializer.of("tokens", model("batch", "tokens", 3).bytes());
    assertEquals(List.of("batch", "tokens"), specializer.openDimensions());
    ModelGraph graph = specializer.with(Map.of("batch", 4L, "tokens", 5L));
    assertTrue(graph.isStatic());
    assertEquals(ValueType.of(DType.FLOAT32, 4, 10), graph.type("y"));
    assertEquals(List.of("MatMul", "Reshape"), graph.nodes().stream().map(Node::op).toList());
  }

  @Test
  void graphsAreKeptByTheirDimensions() {
    Specializer specializer = Specializer.of("tokens", model("batch", "tokens", 3).bytes());
    ModelGraph graph = specializer.with(Map.of("batch", 4L, "tokens", 5L));
    assertSame(graph, specializer.with(Map.of("tokens", 5L, "batch", 4L)));
    ModelGraph other = specializer.with(Map.of("batch", 2L, "tokens", 5L));
    assertEquals(ValueType.of(DType.FLOAT32, 2, 10), other.type("y"));
  }

  @Test
  void weightsAreThoseOfTheOpenGraph() {
    Specializer specializer = Specializer.of("tokens", model("batch", "tokens", 3).bytes());
    ModelGraph graph = specializer.with(Map.of("batch", 1L, "tokens", 1L));
    assertSame(specializer.open().constants().get("w"), graph.constants().get("w"));
  }

  @Test
  void dimensionsWithoutNamesGetSome() {
    Specializer specializer = Specializer.of("unnamed", model("", "", 3).bytes());
    assertEquals(List.of("x.dim0", "x.dim1"), specializer.openDimensions());
    ModelGraph graph = specializer.with(Map.of("x.dim0", 2L, "x.dim1", 3L));
    assertEquals(ValueType.of(DType.FLOAT32, 2, 6), graph.type("y"));
    ModelGraph single = Specializer.of("unnamed", model("", 1, 3).bytes()).withBatch(7);
    assertEquals(ValueType.of(DType.FLOAT32, 7, 2), single.type("y"));
  }

  @Test
  void aModelWithoutOpenDimensionsIsTakenAsItIs() {
    Specializer specializer = Specializer.of("fixed", model(2, 3, 3).bytes());
    assertEquals(List.of(), specializer.openDimensions());
    assertEquals(ValueType.of(DType.FLOAT32, 2, 6), specializer.withBatch(99).type("y"));
  }

  @Test
  void openAndUnknownDimensionsAreRefused() {
    Specializer specializer = Specializer.of("tokens", model("batch", "tokens", 3).bytes());
    assertRefused(
        () -> specializer.with(Map.of("batch", 4L)), "model tokens", "[tokens] are left open");
    assertRefused(() -> specializer.with(Map.of("batch", 4L, "tokens", 5L, "heads", 2L)), "heads");
    assertRefused(() -> specializer.withBatch(4), "one open dimension", "[batch, tokens]");
  }

  @Test
  void shapesThatDependOnValuesAreRefused() {
    OnnxProtos protos =
        new OnnxProtos(13)
            .input("x", "batch")
            .output("y")
            .node("NonZero", "x", "places")
            .node("Cast", "places", "y", OnnxProtos.of("to", 1));
    Specializer specializer = Specializer.of("sparse", protos.bytes());
    assertRefused(() -> specializer.withBatch(3), "model sparse", "still open", "NonZero");
  }

  @Test
  void theShippedModelComputesTheSame() throws IOException {
    Specializer specializer = Specializer.of(VISION_TRANSFORMER);
    ModelGraph graph = specializer.withBatch(3);
    assertTrue(graph.isStatic());
    specializer
        .open()
        .constants()
        .forEach(
            (name, constant) -> {
              if (constant.type().shape().rank() == 2 && graph.constants().containsKey(name)) {
                assertSame(constant, graph.constants().get(name), name);
              }
            });
    String input = graph.inputs().get(0);
    Tensor images = graph.type(input).allocate();
    Random random = new Random(5);
    for (int i = 0; i < images.elements(); i++) {
      images.floats().put(i, random.nextFloat());
    }
    Map<String, Tensor> expected =
        OrtRuns.run(Files.readAllBytes(VISION_TRANSFORMER), Map.of(input, images));
    Map<String, Tensor> found = OrtRuns.run(OnnxFormat.toBytes(graph), Map.of(input, images));
    assertEquals(expected.keySet(), found.keySet());
    expected.forEach(
        (name, values) -> {
          assertEquals(values.toString(), graph.type(name).toString());
          assertArrayEquals(values.toFloatArray(), found.get(name).toFloatArray(), 1e-4f, name);
        });
  }
}

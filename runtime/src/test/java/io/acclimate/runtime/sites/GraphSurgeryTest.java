package io.acclimate.runtime.sites;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.Device;
import io.acclimate.runtime.GraphSession;
import io.acclimate.runtime.ModelOptions;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.graph.Constant;
import io.acclimate.runtime.graph.GraphBuilder;
import io.acclimate.runtime.graph.ModelGraph;
import io.acclimate.runtime.graph.OnnxFormat;
import io.acclimate.runtime.graph.ValueType;
import io.acclimate.runtime.testing.TestNetworks;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GraphSurgeryTest {
  /** h = x W, y = h + 1 and z = -h: two nodes read h, which is an output too. */
  private static ModelGraph small() {
    GraphBuilder graph = new GraphBuilder("small");
    graph.input("x", ValueType.of(DType.FLOAT64, 2, 2));
    graph.constant("w", Constant.ofDoubles(DType.FLOAT64, new double[] {1, 0, 0, 1}, 2, 2));
    graph.output("h", graph.ops().matMul("x", "w"));
    graph.output("y", graph.ops().add("h", 1));
    graph.output("z", graph.ops().neg("h"));
    return graph.build();
  }

  private static Map<String, double[]> run(ModelGraph graph, Map<String, Tensor> inputs) {
    Map<String, Tensor> outputs = new LinkedHashMap<>();
    graph.outputs().forEach(name -> outputs.put(name, graph.type(name).allocate()));
    try (GraphSession session =
        GraphSession.open(
            graph.name(), OnnxFormat.toBytes(graph), new ModelOptions(Device.CPU, 1))) {
      session.run(inputs, outputs);
    }
    Map<String, double[]> values = new LinkedHashMap<>();
    outputs.forEach((name, tensor) -> values.put(name, tensor.toDoubleArray()));
    return values;
  }

  private static final Map<String, Tensor> X =
      Map.of("x", Tensor.ofDoubles(new double[] {1, 2, 3, 4}, 2, 2));

  @Test
  void everythingReadsWhatAPatchGives(@TempDir Path folder) {
    GraphSurgery surgery = new GraphSurgery(small());
    surgery.hang(patch -> patch.replace("h", patch.ops().mul(patch.read("h"), 10)));
    surgery.hang(patch -> patch.replace("h", patch.ops().add(patch.read("h"), 5)));
    ModelGraph patched = surgery.build();
    assertEquals(List.of("h", "y", "z"), patched.outputs());
    OnnxFormat.write(patched, folder.resolve("patched.onnx"));
    Map<String, double[]> found = run(OnnxFormat.read(folder.resolve("patched.onnx")), X);
    assertArrayEquals(new double[] {15, 25, 35, 45}, found.get("h"));
    assertArrayEquals(new double[] {16, 26, 36, 46}, found.get("y"));
    assertArrayEquals(new double[] {-15, -25, -35, -45}, found.get("z"));
  }

  /** A later patch also changes what an earlier patch reads. */
  @Test
  void theOrderOfPatchesAtDifferentPlacesDoesNotMatter() {
    GraphSurgery surgery = new GraphSurgery(small());
    surgery.hang(patch -> patch.replace("y", patch.ops().add(patch.read("y"), patch.read("h"))));
    surgery.hang(patch -> patch.replace("h", patch.ops().mul(patch.read("h"), 2)));
    assertArrayEquals(new double[] {5, 9, 13, 17}, run(surgery.build(), X).get("y"));
  }

  @Test
  void someNodesAlone() {
    ModelGraph graph = small();
    String negation = graph.producer(graph.producer("z").orElseThrow().input(0)).get().name();
    GraphSurgery surgery = new GraphSurgery(graph);
    String h = graph.producer(graph.producer("z").orElseThrow().input(0)).get().input(0);
    surgery.hang(patch -> patch.replaceFor(Set.of(negation), h, patch.ops().mul(patch.read(h), 2)));
    Map<String, double[]> found = run(surgery.build(), X);
    assertArrayEquals(new double[] {-2, -4, -6, -8}, found.get("z"));
    assertArrayEquals(new double[] {2, 3, 4, 5}, found.get("y"));
  }

  @Test
  void outputsGiveWay() {
    GraphSurgery surgery = new GraphSurgery(small());
    surgery.hang(patch -> patch.output("y", patch.ops().reduceSum(patch.read("h"), false)));
    surgery.hang(patch -> patch.output("more", patch.ops().neg(patch.read("z"))));
    ModelGraph patched = surgery.build();
    assertEquals(List.of("h", "y", "z", "more"), patched.outputs());
    Map<String, double[]> found = run(patched, X);
    assertArrayEquals(new double[] {10}, found.get("y"));
    assertArrayEquals(new double[] {1, 2, 3, 4}, found.get("more"));
  }

  @Test
  void refusesOtherShapes() {
    GraphSurgery surgery = new GraphSurgery(small());
    surgery.parameter("p", ValueType.of(DType.FLOAT64, 3, 2));
    AcclimateException error =
        assertThrows(
            AcclimateException.class,
            () -> surgery.hang(patch -> patch.replace("h", patch.ops().neg("p"))));
    assertTrue(error.getMessage().contains("FLOAT64[3, 2]"), error.getMessage());
    assertTrue(error.getMessage().contains("FLOAT64[2, 2]"), error.getMessage());
    AcclimateException taken =
        assertThrows(
            AcclimateException.class, () -> surgery.parameter("w", ValueType.of(DType.FLOAT64, 1)));
    assertTrue(taken.getMessage().contains("'w'"), taken.getMessage());
  }

  /** Two layers that share a constant: folding into one leaves the other alone. */
  @Test
  void foldsIntoOneOfTwoReaders() {
    GraphBuilder builder = new GraphBuilder("shared");
    builder.input("x", ValueType.of(DType.FLOAT64, 2, 2));
    builder.constant("w", Constant.ofDoubles(DType.FLOAT64, new double[] {1, 0, 0, 1}, 2, 2));
    builder.output("a", builder.ops().neg(builder.ops().matMul("x", "w")));
    builder.output("b", builder.ops().abs(builder.ops().matMul("x", "w")));
    ModelGraph graph = builder.build();
    Site first = SiteFinder.find(graph).get(0);
    assertEquals("linear0", first.id());
    WeightDelta delta =
        new WeightDelta(
            Optional.of(Tensor.ofDoubles(new double[] {0, 1, 0, 0}, 2, 2)),
            Optional.of(Tensor.ofDoubles(new double[] {0, 100}, 2)));
    ModelGraph folded = WeightFolding.fold(graph, Map.of(first, delta));
    Map<String, double[]> found = run(folded, X);
    assertArrayEquals(new double[] {-3, -102, -7, -104}, found.get("a"));
    assertArrayEquals(new double[] {1, 2, 3, 4}, found.get("b"));
    WeightDelta wrong =
        new WeightDelta(Optional.of(Tensor.ofDoubles(new double[6], 3, 2)), Optional.empty());
    AcclimateException error =
        assertThrows(
            AcclimateException.class, () -> WeightFolding.fold(graph, Map.of(first, wrong)));
    assertTrue(error.getMessage().contains("linear0"), error.getMessage());
  }

  @Test
  void foldingWantsTheSameModel() {
    ModelGraph graph = TestNetworks.preNormFused(DType.FLOAT64, 1);
    Site site = SiteFinder.find(graph).get(0);
    WeightDelta delta =
        new WeightDelta(
            Optional.of(Tensor.allocate(DType.FLOAT64, site.out(), site.in())), Optional.empty());
    AcclimateException error =
        assertThrows(
            AcclimateException.class, () -> WeightFolding.fold(small(), Map.of(site, delta)));
    assertTrue(error.getMessage().contains("no constant"), error.getMessage());
  }
}

package io.acclimate.runtime.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.acclimate.runtime.DType;
import io.acclimate.runtime.Device;
import io.acclimate.runtime.FrozenModel;
import io.acclimate.runtime.GraphSession;
import io.acclimate.runtime.ModelOptions;
import io.acclimate.runtime.ModelRunner;
import io.acclimate.runtime.Tensor;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CanonicalizerTest {
  private static final Path VIT = Path.of("../examples/models/fashion-vit.onnx");
  private static final ModelOptions CPU = new ModelOptions(Device.CPU, 1);

  @Test
  void theSourceModelHasOneOperatorForEachGelu() {
    ModelGraph graph = Specializer.of(VIT).withBatch(2);
    assertEquals(8, graph.nodes().stream().filter(node -> node.is("Gelu")).count());
    assertEquals(0, graph.nodes().stream().filter(node -> node.is("Erf")).count());
    assertEquals(13, graph.nodes().stream().filter(n -> n.is("LayerNormalization")).count());
    assertTrue(graph.isStatic());
  }

  @Test
  void outputsChangeByRoundingOnly() {
    ModelGraph graph = Specializer.of(VIT).withBatch(2);
    float[] pixels = new float[2 * 28 * 28];
    Random random = new Random(3);
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = random.nextFloat();
    }
    Tensor image = Tensor.ofFloats(pixels, 2, 1, 28, 28);
    Map<String, Tensor> found = new LinkedHashMap<>();
    graph.outputs().forEach(name -> found.put(name, graph.type(name).allocate()));
    try (FrozenModel model = FrozenModel.open(VIT, CPU);
        ModelRunner runner = model.newRunner(graph.outputs());
        GraphSession session = GraphSession.open("vit", OnnxFormat.toBytes(graph), CPU)) {
      session.run(Map.of("image", image), found);
      Map<String, Tensor> expected = runner.run(image);
      for (String name : List.of("logits", "features", "tokens")) {
        float[] a = expected.get(name).toFloatArray();
        float[] b = found.get(name).toFloatArray();
        for (int i = 0; i < a.length; i++) {
          assertEquals(a[i], b[i], 2e-5, name + " at " + i);
        }
      }
    }
  }

  @Test
  void layerNormalizationInPiecesBecomesOneOperator() {
    GraphBuilder graph = new GraphBuilder("pieces");
    Ops ops = graph.ops();
    String x = graph.input("x", ValueType.of(DType.FLOAT32, 2, 4));
    String scale = graph.constant(Constant.of(Tensor.ofFloats(new float[] {1, 2, 3, 4}, 4)));
    String bias = graph.constant(Constant.of(Tensor.ofFloats(new float[] {5, 6, 7, 8}, 4)));
    String centred = ops.sub(x, ops.reduceMean(x, true, -1));
    String squares = ops.pow(centred, ops.scalarLike(x, 2));
    String root = ops.sqrt(ops.add(ops.reduceMean(squares, true, -1), 1e-12));
    graph.output("y", ops.add(ops.mul(ops.div(centred, root), scale), bias));
    graph.output("centred", centred);
    ModelGraph found = Canonicalizer.apply(graph.build());
    assertEquals(
        List.of("Identity", "Identity", "LayerNormalization", "ReduceMean", "Sub"),
        found.nodes().stream().map(Node::op).sorted().toList());
  }
}

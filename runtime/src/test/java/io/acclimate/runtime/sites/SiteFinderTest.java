package io.acclimate.runtime.sites;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.graph.Constant;
import io.acclimate.runtime.graph.Dim;
import io.acclimate.runtime.graph.GraphBuilder;
import io.acclimate.runtime.graph.ModelGraph;
import io.acclimate.runtime.graph.Node;
import io.acclimate.runtime.graph.OnnxFormat;
import io.acclimate.runtime.graph.Ops;
import io.acclimate.runtime.graph.Shape;
import io.acclimate.runtime.graph.Specializer;
import io.acclimate.runtime.graph.ValueType;
import io.acclimate.runtime.testing.MiniLm;
import io.acclimate.runtime.testing.TestNetworks;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class SiteFinderTest {
  private static Map<SiteKind, Integer> counts(List<Site> sites) {
    Map<SiteKind, Integer> counts = new EnumMap<>(SiteKind.class);
    sites.forEach(site -> counts.merge(site.kind(), 1, Integer::sum));
    return counts;
  }

  private static Map<String, Site> byId(List<Site> sites) {
    Map<String, Site> byId = new LinkedHashMap<>();
    sites.forEach(site -> assertEquals(null, byId.put(site.id(), site), site.id()));
    return byId;
  }

  private static ModelGraph visionTransformer() {
    return Specializer.of(Path.of("../examples/models/fashion-vit.onnx")).withBatch(2);
  }

  @Test
  void findsTheSixBlocksOfTheVisionTransformer() {
    List<Site> sites = SiteFinder.find(visionTransformer());
    Map<SiteKind, Integer> expected = new EnumMap<>(SiteKind.class);
    for (SiteKind kind :
        List.of(
            SiteKind.ATTENTION_Q,
            SiteKind.ATTENTION_K,
            SiteKind.ATTENTION_V,
            SiteKind.ATTENTION_O,
            SiteKind.FFN_UP,
            SiteKind.FFN_DOWN,
            SiteKind.ATTENTION_OUTPUT,
            SiteKind.FFN_OUTPUT,
            SiteKind.BLOCK_OUTPUT,
            SiteKind.KV)) {
      expected.put(kind, 6);
    }
    expected.put(SiteKind.NORM, 13);
    expected.put(SiteKind.CONV, 3);
    expected.put(SiteKind.HEAD, 1);
    expected.put(SiteKind.TOKENS, 1);
    expected.put(SiteKind.INPUT, 1);
    expected.put(SiteKind.OUTPUT, 3);
    assertEquals(expected, counts(sites));
  }

  /** The names in the file say which layer is which; the finder does not look at them. */
  @Test
  void tellsTheProjectionsOfTheVisionTransformerApart() {
    Map<String, Site> sites = byId(SiteFinder.find(visionTransformer()));
    for (int layer = 0; layer < 6; layer++) {
      for (String part : List.of("q", "k", "v", "o")) {
        Site site = sites.get("block" + layer + ".attention." + part);
        assertEquals(
            "blocks." + layer + ".attention." + part + ".weight",
            site.requireWeights().weight().constant());
        assertEquals(
            "blocks." + layer + ".attention." + part + ".bias",
            site.requireWeights().bias().orElseThrow().constant());
        assertEquals(layer, site.layer());
      }
      assertEquals(
          "blocks." + layer + ".down.weight",
          sites.get("block" + layer + ".ffn.down").requireWeights().weight().constant());
      assertEquals(
          "blocks." + layer + ".norm2.weight",
          sites.get("block" + layer + ".norm2").requireWeights().weight().constant());
    }
    Heads heads = sites.get("block3.attention.kv").requireHeads();
    assertEquals(4, heads.heads());
    assertEquals(24, heads.headSize());
    assertEquals(1 / Math.sqrt(24), heads.scale(), 1e-7);
    assertEquals("head.weight", sites.get("head").requireWeights().weight().constant());
    assertEquals(10, sites.get("head").out());
  }

  @Test
  void findsTheSixPostNormLayersOfMiniLm() throws IOException {
    ModelGraph graph = MiniLm.open().with(Map.of("batch_size", 2L, "sequence_length", 8L));
    List<Site> found = SiteFinder.find(graph);
    Map<String, Site> sites = byId(found);
    assertEquals(6, counts(found).get(SiteKind.BLOCK_OUTPUT));
    assertEquals(13, counts(found).get(SiteKind.NORM));
    assertEquals(null, counts(found).get(SiteKind.LINEAR));
    for (int layer = 0; layer < 6; layer++) {
      String prefix = "encoder.layer." + layer + ".";
      Map<String, String> biases =
          Map.of(
              "attention.q", "attention.self.query.bias",
              "attention.k", "attention.self.key.bias",
              "attention.v", "attention.self.value.bias",
              "attention.o", "attention.output.dense.bias",
              "ffn.up", "intermediate.dense.bias",
              "ffn.down", "output.dense.bias",
              "norm1", "attention.output.LayerNorm.bias",
              "norm2", "output.LayerNorm.bias");
      biases.forEach(
          (id, bias) ->
              assertEquals(
                  prefix + bias,
                  sites
                      .get("block" + prefix.charAt(prefix.length() - 2) + "." + id)
                      .requireWeights()
                      .bias()
                      .orElseThrow()
                      .constant()));
      Site attention = sites.get("block" + layer + ".attention");
      assertEquals(attention.input(), attention.flow().residual());
      assertEquals(3, attention.flow().readers().size());
    }
    assertEquals(sites.get("block0").output(), sites.get("block1.attention").input());
    assertEquals("last_hidden_state", sites.get("block5").output());
    assertEquals(sites.get("tokens").output(), sites.get("block0").input());
  }

  @Test
  void namesPlayNoPart() {
    ModelGraph graph = visionTransformer();
    List<String> ids = SiteFinder.find(graph).stream().map(Site::id).toList();
    List<String> renamed = SiteFinder.find(anonymous(graph)).stream().map(Site::id).toList();
    assertEquals(
        ids.stream().filter(id -> !id.contains("put.")).toList(),
        renamed.stream().filter(id -> !id.contains("put.")).toList());
  }

  /** The same graph with numbers for names. */
  private static ModelGraph anonymous(ModelGraph graph) {
    Map<String, String> names = new HashMap<>(Map.of("", ""));
    GraphBuilder builder = new GraphBuilder("anonymous");
    for (String input : graph.inputs()) {
      names.put(input, builder.input("i" + names.size(), graph.type(input)));
    }
    graph
        .constants()
        .forEach((name, value) -> names.put(name, builder.constant("c" + names.size(), value)));
    for (Node node : graph.nodes()) {
      node.outputs().forEach(value -> names.putIfAbsent(value, "v" + names.size()));
      builder.add(
          new Node(
              "n" + names.size(),
              node.op(),
              node.domain(),
              node.inputs().stream().map(names::get).toList(),
              node.outputs().stream().map(names::get).toList(),
              node.attributes()));
    }
    graph.outputs().forEach(output -> builder.output(names.get(output)));
    return builder.build();
  }

  @Test
  void findsRangesOfAFusedProjection() {
    ModelGraph graph = TestNetworks.preNormFused(DType.FLOAT32, 2);
    Map<String, Site> sites = byId(SiteFinder.find(graph));
    long width = TestNetworks.WIDTH;
    List<String> parts = List.of("q", "k", "v");
    for (int i = 0; i < parts.size(); i++) {
      Site site = sites.get("block1.attention." + parts.get(i));
      assertEquals(i * width, site.requireWeights().firstColumn());
      assertEquals(width, site.out());
      assertEquals(width, site.in());
      assertEquals(3 * width, graph.type(site.output()).shape().size(-1));
    }
    assertTrue(sites.containsKey("block1.ffn"));
    assertTrue(sites.containsKey("block1.norm2"));
    assertEquals(TestNetworks.CLASSES, sites.get("head").out());
    assertEquals(1, sites.get("block0.attention.kv").requireHeads().scale());
  }

  /** Queries, keys and values that alternate by head cannot be told apart by ranges of outputs. */
  @Test
  void leavesAFusedProjectionWholeWhereHeadsAlternate() {
    GraphBuilder graph = new GraphBuilder("alternating");
    Ops ops = graph.ops();
    graph.input("x", ValueType.of(DType.FLOAT32, 2, 5, 8));
    graph.constant("w", Constant.ofDoubles(DType.FLOAT32, new double[8 * 24], 8, 24));
    graph.constant("o", Constant.ofDoubles(DType.FLOAT32, new double[64], 8, 8));
    String fused = ops.reshape(ops.matMul("x", "w"), 2, 5, 2, 3, 4);
    List<String> parts = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      String part = ops.squeeze(ops.slice(fused, 3, i, i + 1), 3);
      parts.add(ops.transpose(part, 0, 2, 1, 3));
    }
    String scores = ops.softmax(ops.matMul(parts.get(0), ops.transposeLast(parts.get(1))), -1);
    String merged = ops.transpose(ops.matMul(scores, parts.get(2)), 0, 2, 1, 3);
    graph.output("y", ops.matMul(ops.reshape(merged, 2, 5, 8), "o"));
    Map<String, Site> sites = byId(SiteFinder.find(graph.build()));
    assertEquals(SiteKind.LINEAR, sites.get("block0.attention.qkv").kind());
    assertEquals(24, sites.get("block0.attention.qkv").out());
    assertFalse(sites.containsKey("block0.attention.q"));
    assertEquals(2, sites.get("block0.attention.kv").requireHeads().heads());
    assertEquals("o", sites.get("block0.attention.o").requireWeights().weight().constant());
  }

  @Test
  void findsGatedNetworksAndNormsInPieces() {
    List<Site> found = SiteFinder.find(TestNetworks.postNormGated(DType.FLOAT64, 2));
    Map<String, Site> sites = byId(found);
    assertEquals(4, counts(found).get(SiteKind.FFN_UP));
    assertEquals(4, counts(found).get(SiteKind.NORM));
    assertTrue(sites.get("block1.norm2").requireWeights().bias().isEmpty());
    assertEquals(sites.get("block1.norm2").output(), sites.get("block1").output());
    Heads heads = sites.get("block0.attention.kv").requireHeads();
    assertEquals(TestNetworks.HEADS, heads.heads());
    assertEquals(0.5, heads.scale(), 1e-12);
  }

  @Test
  void findsConvolutionsAndTheirNorms() {
    List<Site> found = SiteFinder.find(TestNetworks.convolutional(DType.FLOAT32));
    assertEquals(
        Map.of(
            SiteKind.CONV, 3,
            SiteKind.NORM, 3,
            SiteKind.HEAD, 1,
            SiteKind.INPUT, 1,
            SiteKind.OUTPUT, 2),
        counts(found));
    Map<String, Site> sites = byId(found);
    assertEquals(4, sites.get("conv0").out());
    assertEquals(1, sites.get("conv0").in());
    assertTrue(sites.get("head").requireWeights().transposed());
    assertEquals(
        Shape.of(4, 1, 1),
        shape(sites.get("norm1").requireWeights(), TestNetworks.convolutional(DType.FLOAT32)));
  }

  private static Shape shape(Weights weights, ModelGraph graph) {
    return graph.type(weights.weight().constant()).shape();
  }

  /** A perceptron without residual stream has plain linear layers and a head. */
  @Test
  void leavesPlainLayersPlain() {
    GraphBuilder graph = new GraphBuilder("perceptron");
    graph.input("x", ValueType.of(DType.FLOAT32, 2, 3));
    graph.constant("w1", Constant.ofDoubles(DType.FLOAT32, new double[12], 3, 4));
    graph.constant("w2", Constant.ofDoubles(DType.FLOAT32, new double[8], 4, 2));
    graph.output("y", graph.ops().matMul(graph.ops().relu(graph.ops().matMul("x", "w1")), "w2"));
    List<Site> sites = SiteFinder.find(graph.build());
    assertEquals(
        "linear0 head input.x output.y",
        sites.stream().map(Site::id).collect(Collectors.joining(" ")));
    assertTrue(SiteKind.LINEAR.includes(SiteKind.HEAD));
  }

  @Test
  void staysTheSameAfterARoundTrip() {
    ModelGraph graph = TestNetworks.preNormFused(DType.FLOAT32, 1);
    ModelGraph again = OnnxFormat.read("again", ByteBuffer.wrap(OnnxFormat.toBytes(graph)));
    assertEquals(SiteFinder.find(graph), SiteFinder.find(again));
  }

  @Test
  void wantsFixedShapes() {
    GraphBuilder graph = new GraphBuilder("open");
    Shape shape = new Shape(List.of(Dim.symbol("batch"), Dim.of(3)));
    graph.input("x", new ValueType(DType.FLOAT32, shape));
    graph.output("y", graph.ops().relu("x"));
    AcclimateException error =
        assertThrows(AcclimateException.class, () -> SiteFinder.find(graph.build()));
    assertTrue(error.getMessage().contains("open"), error.getMessage());
  }
}

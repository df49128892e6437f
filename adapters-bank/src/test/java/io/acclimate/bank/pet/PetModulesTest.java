package io.acclimate.bank.pet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.autodiff.GradientCheck;
import io.acclimate.runtime.autodiff.GradientRules;
import io.acclimate.runtime.graph.GraphBuilder;
import io.acclimate.runtime.graph.ModelGraph;
import io.acclimate.runtime.graph.OnnxFormat;
import io.acclimate.runtime.graph.Specializer;
import io.acclimate.runtime.graph.ValueType;
import io.acclimate.runtime.sites.Flow;
import io.acclimate.runtime.sites.Heads;
import io.acclimate.runtime.sites.Site;
import io.acclimate.runtime.sites.SiteKind;
import io.acclimate.runtime.testing.TestNetworks;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** What single modules promise beyond the contract of all. */
class PetModulesTest {
  private static PetModule create(String name, String settings) {
    return PetProvider.create(name, ConfigFactory.parseString(settings));
  }

  /** Parameters of one block of a vision transformer of width 768, as LAE and MOS count them. */
  @Test
  void countsAsThePapersDo() {
    assertEquals(8_454, count(create("adapter", ""), SiteKind.ATTENTION_OUTPUT));
    assertEquals(25_360, count(create("mos-adapter", ""), SiteKind.FFN_OUTPUT));
    assertEquals(2 * 512 * 768 + 512 + 768, count(create("mam-adapter", ""), SiteKind.FFN_OUTPUT));
    assertEquals(15_362, count(create("prefix", ""), SiteKind.KV));
    PetModule lora = create("lora", "rank = 5, learnable-scale = true");
    assertEquals(15_362, 2 * count(lora, SiteKind.ATTENTION_V));
  }

  private static long count(PetModule module, SiteKind kind) {
    Flow flow = new Flow("x", Set.of(), "y", "", 768, 768);
    Heads heads = new Heads(12, 12, 64, 1, "q", "v", "s");
    Site site = new Site("block0", kind, 0, flow, Optional.empty(), Optional.of(heads));
    ModelGraph none = new GraphBuilder("none").build();
    assertEquals(List.of(site), module.select(List.of(site)));
    return module.parameters(site, none).stream()
        .mapToLong(parameter -> Tensor.elements(parameter.shape()))
        .sum();
  }

  private static double worstError(ModelGraph model, PetModule module) {
    PatchedGraph patched = PetPatch.of(model).add("pet", module).apply();
    Map<String, Tensor> feeds = Calls.feeds(Calls.data(model, 2), Calls.disturbed(patched, 3));
    GradientCheck check = new GradientCheck(1, SeedTree.of(4), GradientRules.builtInRules());
    return check
        .run(Calls.withLoss(patched.graph()), Calls.LOSS, feeds, patched.trainable())
        .values()
        .stream()
        .mapToDouble(Double::doubleValue)
        .max()
        .orElseThrow();
  }

  @Test
  void everyPlacementHasRightGradients() {
    ModelGraph preNorm = TestNetworks.preNormFused(DType.FLOAT64, 1);
    ModelGraph postNorm = TestNetworks.postNormGated(DType.FLOAT64, 1);
    for (AdapterPlacement placement : AdapterPlacement.values()) {
      PetModule module =
          create(
              "adapter",
              "layers = [], sites = [attention-output, ffn-output], bottleneck = 2, placement = "
                  + placement.name().toLowerCase(Locale.ROOT));
      assertTrue(worstError(preNorm, module) < 1e-6, placement.name());
      assertTrue(worstError(postNorm, module) < 1e-6, placement.name());
    }
  }

  /** The sub-layer alone reads what an adapter before it writes; the residual stream does not. */
  @Test
  void anAdapterBeforeLeavesTheStream() {
    ModelGraph model = TestNetworks.postNormGated(DType.FLOAT64, 1);
    PetModule module =
        create("adapter", "layers = [], bottleneck = 2, activation = relu, placement = before");
    PatchedGraph patched = PetPatch.of(model).add("pet", module).apply();
    Site site = patched.sites("pet").get(0);
    assertEquals(site.input(), site.flow().residual());
    assertEquals(
        1,
        patched.graph().consumers(site.input()).stream()
            .filter(node -> model.nodes().contains(node))
            .count(),
        "only the sum reads the stream");
  }

  @Test
  void prefixesFitMaskedAttentionWithHeadsInTheBatch() {
    ModelGraph model = TestNetworks.postNormGated(DType.FLOAT32, 2);
    assertTrue(worstError(model, create("prefix", "length = 2, layers = [-1]")) < 1e-6);
    PatchedGraph patched = PetPatch.of(model).add("prefix", create("prefix", "length = 0")).apply();
    Map<String, Tensor> data = Calls.data(model, 1);
    Map<String, Tensor> values = patched.initialValues(SeedTree.of(1));
    assertArrayEquals(
        Calls.run(model, data).get("tokens"),
        Calls.run(patched.graph(), Calls.feeds(data, values)).get("tokens"),
        1e-6);
  }

  @Test
  void normsOfConvolutionalNetworksAreTuned() {
    ModelGraph model = TestNetworks.convolutional(DType.FLOAT32);
    PatchedGraph patched =
        PetPatch.of(model)
            .add("norm", create("norm", ""))
            .add("bias", create("bias", "sites = [conv, head]"))
            .apply();
    Map<String, Tensor> data = Calls.data(model, 1);
    Map<String, Tensor> values = Calls.disturbed(patched, 2);
    assertArrayEquals(
        Calls.run(patched.graph(), Calls.feeds(data, values)).get("logits"),
        Calls.run(patched.fold(model, values), data).get("logits"),
        1e-5);
    assertTrue(worstError(model, create("norm", "")) < 1e-6);
  }

  /** Modules see what earlier ones made of a value, whichever sites they share. */
  @Test
  void modulesStack() {
    ModelGraph model = TestNetworks.preNormFused(DType.FLOAT64, 1);
    PatchedGraph patched =
        PetPatch.of(model)
            .add("first", create("lora", "rank = 1"))
            .add("second", create("lora", "rank = 2, sites = [linear]"))
            .add("bias", create("bias", ""))
            .apply();
    Map<String, Tensor> data = Calls.data(model, 1);
    Map<String, Tensor> values = Calls.disturbed(patched, 2);
    assertArrayEquals(
        Calls.run(patched.graph(), Calls.feeds(data, values)).get("logits"),
        Calls.run(patched.fold(model, values), data).get("logits"),
        1e-11);
    AcclimateException error =
        assertThrows(
            AcclimateException.class,
            () -> PetPatch.of(model).add("a", create("lora", "")).add("a", create("lora", "")));
    assertTrue(error.getMessage().contains("'a'"), error.getMessage());
  }

  @Test
  void aFoldedModelKeepsItsOpenBatch() {
    Specializer model = Specializer.of(Path.of("../examples/models/fashion-vit.onnx"));
    PetModule module = create("lora", "layers = [-1, 2]");
    PatchedGraph patched = PetPatch.of(model.withBatch(2)).add("lora", module).apply();
    assertEquals(List.of(2, 2, 5, 5), patched.sites("lora").stream().map(Site::layer).toList());
    Map<String, Tensor> values = Calls.disturbed(patched, 3);
    ModelGraph folded = patched.fold(model.open(), values);
    assertFalse(folded.type("image").shape().isStatic());
    Map<String, Tensor> data = Calls.data(model.withBatch(2), 4);
    ModelGraph fixed = Specializer.of("folded", OnnxFormat.toBytes(folded)).withBatch(2);
    assertArrayEquals(
        Calls.run(patched.graph(), Calls.feeds(data, values)).get("logits"),
        Calls.run(fixed, data).get("logits"),
        1e-5);
  }

  @Test
  void headsGrow() {
    HeadModule module = (HeadModule) create("head", "classes = 2, init-deviation = 1");
    ModelGraph model = TestNetworks.preNormFused(DType.FLOAT64, 1);
    PatchedGraph small = PetPatch.of(model).add("head", module).apply();
    PatchedGraph large =
        PetPatch.of(model).add("head", create("head", "classes = 5, init-deviation = 1")).apply();
    assertEquals(ValueType.of(DType.FLOAT64, 2, 5), large.graph().type("logits"));
    Map<String, Tensor> local = new LinkedHashMap<>();
    small
        .initialValues(SeedTree.of(3))
        .forEach((name, tensor) -> local.put(name.replace("head.head.", ""), tensor));
    Map<String, Tensor> grown = module.grow(local, 5, SeedTree.of(3).child("head.head.weight"));
    Map<String, Tensor> expected = large.initialValues(SeedTree.of(3));
    assertTrue(grown.get("weight").contentEquals(expected.get("head.head.weight")));
    assertTrue(grown.get("bias").contentEquals(expected.get("head.head.bias")));
    AcclimateException error =
        assertThrows(AcclimateException.class, () -> module.grow(local, 1, SeedTree.of(3)));
    assertTrue(error.getMessage().contains("2 classes"), error.getMessage());
  }

  @Test
  void cosineHeadsSeeAnglesAlone() {
    ModelGraph model = TestNetworks.preNormFused(DType.FLOAT64, 1);
    String settings = "features = features, output = y, classes = 3, init-deviation = 1";
    PatchedGraph cosine =
        PetPatch.of(model)
            .add("head", create("head", settings + ", kind = cosine, scale = 8"))
            .apply();
    Map<String, Tensor> values = cosine.initialValues(SeedTree.of(3));
    assertEquals(List.of("head.output.features.weight"), List.copyOf(values.keySet()));
    Map<String, Tensor> data = Calls.data(model, 1);
    Map<String, double[]> found = Calls.run(cosine.graph(), Calls.feeds(data, values));
    Tensor weight = values.get("head.output.features.weight");
    double[] features = found.get("features");
    int size = (int) weight.dim(1);
    double dot = 0;
    double lengths = 0;
    double squares = 0;
    for (int i = 0; i < size; i++) {
      dot += features[i] * weight.doubles().get(size + i);
      squares += features[i] * features[i];
      lengths += Math.pow(weight.doubles().get(size + i), 2);
    }
    assertEquals(8 * dot / Math.sqrt(squares * lengths), found.get("y")[1], 1e-9);
    for (int i = 0; i < size; i++) {
      weight.doubles().put(size + i, 5 * weight.doubles().get(size + i));
    }
    assertArrayEquals(
        found.get("y"), Calls.run(cosine.graph(), Calls.feeds(data, values)).get("y"), 1e-9);
    HeadModule module = (HeadModule) create("head", settings + ", kind = cosine");
    Map<String, Tensor> grown = module.grow(Map.of("weight", weight), 5, SeedTree.of(3));
    assertEquals(List.of("weight"), List.copyOf(grown.keySet()));
    assertTrue(grown.get("weight").rows(3).contentEquals(weight));
  }

  @Test
  void headsPoolTokens() {
    ModelGraph model = TestNetworks.preNormFused(DType.FLOAT64, 1);
    PatchedGraph mean =
        PetPatch.of(model).add("head", create("head", "features = tokens, output = y")).apply();
    PatchedGraph ready =
        PetPatch.of(model).add("head", create("head", "features = features, output = y")).apply();
    Map<String, Tensor> data = Calls.data(model, 1);
    Map<String, Tensor> values = Calls.disturbed(mean, 2);
    Map<String, Tensor> renamed = new LinkedHashMap<>();
    values.forEach((name, t) -> renamed.put(name.replace(".tokens.", ".features."), t));
    assertArrayEquals(
        Calls.run(mean.graph(), Calls.feeds(data, values)).get("y"),
        Calls.run(ready.graph(), Calls.feeds(data, renamed)).get("y"),
        1e-12);
  }

  @Test
  void mistakesAreNamed() {
    assertMessage("sites", () -> create("lora", "sites = [norm]"));
    assertMessage("attention-q", () -> create("lora", "sites = [query]"));
    assertMessage("layers", () -> create("adapter", "layers = [first]"));
    assertMessage("ranks", () -> create("lora", "ranks = 3"));
    assertMessage("placement", () -> create("adapter", "placement = inside"));
    ModelGraph convolutional = TestNetworks.convolutional(DType.FLOAT32);
    assertMessage(
        "finds no site", () -> PetPatch.of(convolutional).add("lora", create("lora", "")).apply());
  }

  private static void assertMessage(String part, Executable executable) {
    AcclimateException error = assertThrows(AcclimateException.class, executable);
    assertTrue(error.getMessage().contains(part), error.getMessage());
  }
}

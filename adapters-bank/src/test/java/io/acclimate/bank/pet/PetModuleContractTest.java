package io.acclimate.bank.pet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.GraphSession;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.autodiff.GradientCheck;
import io.acclimate.runtime.autodiff.GradientRules;
import io.acclimate.runtime.graph.Constant;
import io.acclimate.runtime.graph.ModelGraph;
import io.acclimate.runtime.graph.OnnxFormat;
import io.acclimate.runtime.sites.SiteKind;
import io.acclimate.runtime.testing.TestNetworks;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** What every registered module promises, checked on a small transformer in double precision. */
@ParameterizedClass
@MethodSource("names")
class PetModuleContractTest {
  private static final ModelGraph MODEL = TestNetworks.preNormFused(DType.FLOAT64, 2);
  private static final Map<String, Tensor> DATA = Calls.data(MODEL, 3);

  /** Small sizes; ONNX Runtime has no Gelu in double precision. */
  private static final Map<String, String> SETTINGS =
      Map.of(
          "lora", "rank = 2, sites = [linear]",
          "adapter", "layers = [], bottleneck = 3, activation = relu",
          "mos-adapter", "bottleneck = 3",
          "mam-adapter", "bottleneck = 3",
          "prefix", "length = 3",
          "head", "classes = 4");

  @Parameter String name;

  static Iterable<String> names() {
    return PetProvider.registry().names();
  }

  private PetModule module() {
    return module("");
  }

  private PetModule module(String more) {
    Config settings = ConfigFactory.parseString(SETTINGS.getOrDefault(name, ""));
    return PetProvider.create(name, ConfigFactory.parseString(more).withFallback(settings));
  }

  private PatchedGraph patched() {
    return PetPatch.of(MODEL).add(name, module()).apply();
  }

  private static void assertClose(
      Map<String, double[]> expected, Map<String, double[]> found, double tolerance) {
    TreeSet<String> common = new TreeSet<>(expected.keySet());
    common.retainAll(found.keySet());
    for (String output : common) {
      assertArrayEquals(expected.get(output), found.get(output), tolerance, output);
    }
  }

  private static Map<String, double[]> frozen() {
    return Calls.run(MODEL, DATA);
  }

  @Test
  void startsAsTheFrozenModel() {
    assumeTrue(module().isIdentityAtStart());
    PatchedGraph patched = patched();
    Map<String, Tensor> values = patched.initialValues(SeedTree.of(1));
    assertClose(frozen(), Calls.run(patched.graph(), Calls.feeds(DATA, values)), 1e-12);
    assertEquals(MODEL.outputs(), patched.graph().outputs());
  }

  /**
   * At each site the gradient of some parameter is not zero at the start. Only a change of all keys
   * alike, as by their bias, never counts: the softmax does not see it.
   */
  @Test
  void isAliveAtTheStart() {
    PatchedGraph patched = patched();
    Map<String, Tensor> values = patched.initialValues(SeedTree.of(1));
    Map<String, double[]> gradients = gradients(patched, values);
    patched.sites(name).stream()
        .filter(site -> !(name.equals("bias") && site.kind() == SiteKind.ATTENTION_K))
        .forEach(
            site ->
                assertTrue(
                    gradients.entrySet().stream()
                        .filter(e -> e.getKey().startsWith(name + "." + site.id() + "."))
                        .flatMapToDouble(e -> Arrays.stream(e.getValue()))
                        .anyMatch(g -> Math.abs(g) > 1e-6),
                    site.id()));
  }

  private static Map<String, double[]> gradients(PatchedGraph patched, Map<String, Tensor> values) {
    ModelGraph graph = Calls.withGradients(patched.graph(), patched.trainable());
    Map<String, double[]> gradients = new LinkedHashMap<>();
    Calls.run(graph, Calls.feeds(DATA, values))
        .forEach((output, value) -> gradients.put(output.replaceFirst("^gradient/", ""), value));
    gradients.remove(Calls.LOSS);
    return gradients;
  }

  @Test
  void countsItsParameters() {
    int d = TestNetworks.WIDTH;
    long bottleneck = 2 * 3 * d + 3 + d;
    long linears = 2 * (3 * 2 * d + 2 * d + 2 * (d + 2 * d)) + d + TestNetworks.CLASSES;
    Map<String, Long> expected =
        Map.of(
            "lora", 2 * linears,
            "adapter", 2 * (bottleneck + 1),
            "mos-adapter", 2 * bottleneck,
            "mam-adapter", 2 * bottleneck,
            "prefix", 2L * (2 * 3 * d + 2),
            "norm", 2L * 5 * d,
            "bias", 2L * (3 * d + d + 2 * d + d) + TestNetworks.CLASSES + 5L * d,
            "head", 4L * d + 4);
    assertEquals(expected.get(name), patched().trainableCount());
  }

  @Test
  void gradientsAgreeWithDifferences() {
    PatchedGraph patched = patched();
    Map<String, Tensor> values = Calls.disturbed(patched, 2);
    GradientCheck check = new GradientCheck(2, SeedTree.of(8), GradientRules.builtInRules());
    check
        .run(
            Calls.withLoss(patched.graph()),
            Calls.LOSS,
            Calls.feeds(DATA, values),
            patched.trainable())
        .forEach((parameter, error) -> assertEquals(0, error, 1e-6, parameter));
  }

  @Test
  void foldsIntoTheWeights() {
    PatchedGraph patched = patched();
    Map<String, Tensor> values = Calls.disturbed(patched, 4);
    boolean foldable = List.of("lora", "norm", "bias").contains(name);
    if (!foldable) {
      assertThrows(AcclimateException.class, () -> patched.fold(MODEL, values));
      return;
    }
    ModelGraph folded = patched.fold(MODEL, values);
    assertEquals(MODEL.inputs(), folded.inputs());
    assertEquals(MODEL.nodes().size(), folded.nodes().size());
    Map<String, double[]> expected = Calls.run(patched.graph(), Calls.feeds(DATA, values));
    assertClose(expected, Calls.run(folded, DATA), 1e-11);
    assertTrue(differs(expected, frozen()));
  }

  private static boolean differs(Map<String, double[]> a, Map<String, double[]> b) {
    return !Arrays.equals(a.get("logits"), b.get("logits"));
  }

  @Test
  void bakesIntoAPlainModel() {
    PatchedGraph patched = patched();
    Map<String, Tensor> values = Calls.disturbed(patched, 4);
    ModelGraph baked = patched.bake(values);
    assertEquals(MODEL.inputs(), baked.inputs());
    assertClose(
        Calls.run(patched.graph(), Calls.feeds(DATA, values)), Calls.run(baked, DATA), 1e-12);
  }

  @Test
  void leavesTheModelAsItIs() {
    Map<String, double[]> before = frozen();
    Map<String, Constant> copies = new LinkedHashMap<>();
    MODEL.constants().forEach((constant, value) -> copies.put(constant, value.copy()));
    PatchedGraph patched = patched();
    Map<String, Tensor> values = Calls.disturbed(patched, 4);
    Calls.run(patched.graph(), Calls.feeds(DATA, values));
    if (List.of("lora", "norm", "bias").contains(name)) {
      patched.fold(MODEL, values);
    }
    assertEquals(copies, MODEL.constants());
    assertClose(before, frozen(), 0);
    patched
        .graph()
        .constants()
        .forEach(
            (constant, value) ->
                assertEquals(copies.getOrDefault(constant, value), value, constant));
  }

  @Test
  void nothingWhereSizesAreZero() {
    PatchedGraph patched = PetPatch.of(MODEL).add(name, module()).openSizes().apply();
    Map<String, Tensor> values = sized(patched, 0);
    assumeTrue(values != null);
    assertClose(frozen(), Calls.run(patched.graph(), Calls.feeds(DATA, values)), 1e-12);
  }

  /** Disturbed values with all open axes at a size; null when there are none. */
  private static Map<String, Tensor> sized(PatchedGraph patched, long size) {
    Map<String, Tensor> values = new LinkedHashMap<>();
    boolean open = false;
    for (Map.Entry<String, PatchedGraph.Declared> one : patched.parameters().entrySet()) {
      long[] shape = one.getValue().parameter().shape();
      for (int axis : one.getValue().parameter().open().keySet()) {
        shape[axis] = size;
        open = true;
      }
      Tensor tensor = Tensor.allocate(DType.FLOAT64, shape);
      boolean upBias = one.getKey().endsWith("up-bias");
      for (int i = 0; i < tensor.elements(); i++) {
        tensor.doubles().put(i, upBias ? 0 : 0.3 * Math.sin(i + size + one.getKey().length()));
      }
      values.put(one.getKey(), tensor);
    }
    return open ? values : null;
  }

  /** One session serves adapters of several sizes, one after the other. */
  @Test
  void swapsOnOneSession() {
    PatchedGraph patched = PetPatch.of(MODEL).add(name, module()).openSizes().apply();
    boolean open = sized(patched, 1) != null;
    Map<String, Tensor> first = open ? sized(patched, 2) : Calls.disturbed(patched, 1);
    Map<String, Tensor> second = open ? sized(patched, 4) : Calls.disturbed(patched, 2);
    patched.requireFit(first);
    patched.requireFit(second);
    ModelGraph graph = patched.graph();
    try (GraphSession session = Calls.open(graph)) {
      Map<String, double[]> a = Calls.run(session, graph, Calls.feeds(DATA, first));
      Map<String, double[]> b = Calls.run(session, graph, Calls.feeds(DATA, second));
      Map<String, double[]> again = Calls.run(session, graph, Calls.feeds(DATA, first));
      assertClose(a, again, 0);
      assertTrue(name.equals("head") || differs(a, b));
    }
  }

  @Test
  void refusesOtherTensors() {
    PatchedGraph patched = patched();
    Map<String, Tensor> values = patched.initialValues(SeedTree.of(1));
    patched.requireFit(values);
    String some = values.keySet().iterator().next();
    Map<String, Tensor> wrong = new LinkedHashMap<>(values);
    wrong.remove(some);
    wrong.put("stranger", Tensor.allocate(DType.FLOAT64, 1));
    String last = wrong.keySet().stream().filter(n -> !n.equals("stranger")).findFirst().get();
    wrong.put(last, Tensor.allocate(DType.FLOAT64, 7, 7, 7));
    AcclimateException error =
        assertThrows(AcclimateException.class, () -> patched.requireFit(wrong));
    for (String part :
        List.of("'" + some + "' is missing", "'stranger' is unknown", "'" + last + "': expected")) {
      assertTrue(error.getMessage().contains(part), error.getMessage());
    }
  }

  /** The gradient of a shared parameter is the sum over the sites that share it. */
  @Test
  void sharesAcrossLayers() {
    PatchedGraph own = patched();
    PatchedGraph shared = PetPatch.of(MODEL).add(name, module(), Sharing.ACROSS_LAYERS).apply();
    Map<String, Tensor> sharedValues = Calls.disturbed(shared, 6);
    Map<String, Tensor> ownValues = new LinkedHashMap<>();
    for (String full : own.parameters().keySet()) {
      ownValues.put(full, sharedValues.get(sharedName(full)));
    }
    Map<String, double[]> sums = new LinkedHashMap<>();
    gradients(own, ownValues)
        .forEach(
            (full, gradient) -> sums.merge(sharedName(full), gradient, PetModuleContractTest::sum));
    assertClose(sums, gradients(shared, sharedValues), 1e-9);
    assertEquals(sums.keySet(), shared.trainable());
  }

  private static String sharedName(String full) {
    return full.replaceFirst("\\.block\\d+", ".block");
  }

  private static double[] sum(double[] a, double[] b) {
    return IntStream.range(0, a.length).mapToDouble(i -> a[i] + b[i]).toArray();
  }

  @Test
  void equalSeedsStartEqually() {
    PatchedGraph patched = patched();
    Map<String, Tensor> a = patched.initialValues(SeedTree.of(9));
    Map<String, Tensor> b = patched().initialValues(SeedTree.of(9));
    a.forEach((full, tensor) -> assertTrue(tensor.contentEquals(b.get(full)), full));
  }

  @Test
  void survivesARoundTrip() {
    PatchedGraph patched = PetPatch.of(MODEL).add(name, module()).openSizes().apply();
    ModelGraph again =
        OnnxFormat.read("again", ByteBuffer.wrap(OnnxFormat.toBytes(patched.graph())));
    assertEquals(patched.graph().inputs(), again.inputs());
    assertEquals(patched.graph().outputs(), again.outputs());
    Map<String, Tensor> values = Calls.disturbed(patched, 4);
    assertClose(
        Calls.run(patched.graph(), Calls.feeds(DATA, values)),
        Calls.run(again, Calls.feeds(DATA, values)),
        0);
  }
}

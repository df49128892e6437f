package io.acclimate.bank.serving;

import io.acclimate.bank.Adapter;
import io.acclimate.bank.pet.LoraSettings;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.method.MethodRegistry;
import io.acclimate.runtime.settings.SettingsReader;
import io.acclimate.runtime.sites.Site;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * The parameters of several adapters, one beside the other, as a {@link MixedGraph} reads them. An
 * adapter's factor is multiplied into its second matrix, and ranks and classes that it does not
 * have are zeros, so adapters of different ranks, factors and heads go together. Slot 0 is zero.
 * Not thread-safe.
 */
final class AdapterStacks {
  private static final String HEAD = "head";
  private static final String LORA = "lora";

  private final MixedGraph graph;
  private final Map<String, Tensor> tensors = new LinkedHashMap<>();

  AdapterStacks(MixedGraph graph) {
    this.graph = graph;
    for (String input : graph.graph().inputs()) {
      if (input.startsWith("adapter-stack.")) {
        tensors.put(input, graph.graph().type(input).allocate());
      }
    }
  }

  /** The stacks by input, always the same tensors. */
  Map<String, Tensor> tensors() {
    return tensors;
  }

  /**
   * Loads an adapter into a slot; what was there before is gone.
   *
   * @return the classes of its logits: those of its head, or of the model
   * @throws AcclimateException when it has a tensor that the model is not served with, or one of
   *     another shape; the slot is then all zeros
   */
  int load(int slot, Adapter adapter) {
    clear(slot);
    try {
      Set<String> known = new LinkedHashSet<>();
      LoraSettings lora = loraOf(adapter);
      for (Site site : graph.places().linear()) {
        loadLinear(slot, adapter, site, lora, known);
      }
      int classes = loadHead(slot, adapter, known);
      requireKnown(adapter, known);
      return classes;
    } catch (AcclimateException e) {
      clear(slot);
      throw e;
    }
  }

  private void clear(int slot) {
    tensors.values().forEach(stack -> fill(slice(stack, slot), 0));
  }

  private static void fill(Tensor tensor, float value) {
    FloatBuffer floats = tensor.floats();
    while (floats.hasRemaining()) {
      floats.put(value);
    }
  }

  private static Tensor slice(Tensor stack, int slot) {
    long size = stack.elements() / stack.dim(0);
    return stack.view(slot * size, size);
  }

  /** The settings that an adapter was trained with, as far as its card says. */
  private LoraSettings loraOf(Adapter adapter) {
    if (!adapter.card().settings().hasPath(LORA)) {
      return graph.settings().lora();
    }
    SettingsReader reader =
        new SettingsReader(
            adapter.card().settings().getConfig(LORA), MethodRegistry.defaults(LORA), LORA);
    LoraSettings settings = LoraSettings.read(reader);
    reader.throwIfAny("adapter " + adapter.card().ref());
    return settings;
  }

  private void loadLinear(
      int slot, Adapter adapter, Site site, LoraSettings lora, Set<String> known) {
    String prefix = LORA + "." + site.id() + ".";
    if (!adapter.tensors().containsKey(prefix + "A")) {
      return;
    }
    Tensor a = require(adapter, prefix + "A", known, -1, site.in());
    Tensor b = require(adapter, prefix + "B", known, site.out(), a.dim(0));
    int rank = Math.toIntExact(a.dim(0));
    int room = graph.settings().lora().rank();
    if (rank > room) {
      throw new AcclimateException(
          "adapter %s, site %s: expected a rank up to %d (serving.lora.rank), found %d"
              .formatted(adapter.card().ref(), site.id(), room, rank));
    }
    double factor = lora.factor(rank);
    if (adapter.tensors().containsKey(prefix + "scale")) {
      factor *= require(adapter, prefix + "scale", known).floats().get(0);
    }
    transpose(a, slice(tensors.get(MixedGraph.stack(site, "A")), slot), room, 1);
    transpose(b, slice(tensors.get(MixedGraph.stack(site, "B")), slot), site.out(), factor);
  }

  /** Writes {@code factor * sourceᵀ} into rows of the given width. */
  private static void transpose(Tensor source, Tensor target, long width, double factor) {
    FloatBuffer from = source.floats();
    FloatBuffer to = target.floats();
    int rows = Math.toIntExact(source.dim(0));
    int columns = Math.toIntExact(source.dim(1));
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        to.put(
            Math.toIntExact(column * width + row),
            (float) (factor * from.get(row * columns + column)));
      }
    }
  }

  private int loadHead(int slot, Adapter adapter, Set<String> known) {
    boolean has = adapter.tensors().keySet().stream().anyMatch(name -> name.startsWith(HEAD + "."));
    if (!has) {
      return graph.frozenClasses();
    }
    Site site =
        graph
            .places()
            .head()
            .orElseThrow(
                () ->
                    new AcclimateException(
                        "adapter %s has a head, but the model is served without heads"
                                .formatted(adapter.card().ref())
                            + " (serving.head.classes = 0)"));
    String prefix = HEAD + "." + site.id() + ".";
    Tensor weight = require(adapter, prefix + "weight", known, -1, site.in());
    Tensor bias = require(adapter, prefix + "bias", known, weight.dim(0));
    int classes = Math.toIntExact(weight.dim(0));
    if (classes > graph.classes()) {
      throw new AcclimateException(
          "adapter %s: expected a head of up to %d classes (serving.head.classes), found %d"
              .formatted(adapter.card().ref(), graph.classes(), classes));
    }
    Tensor weights = slice(tensors.get(MixedGraph.stack(site, "weight")), slot);
    transpose(weight, weights, graph.classes(), 1);
    slice(tensors.get(MixedGraph.stack(site, "bias")), slot).floats().put(bias.floats());
    Tensor present = tensors.get(MixedGraph.stack(site, "present"));
    if (present != null) {
      fill(slice(present, slot), 1);
    }
    return classes;
  }

  private static Tensor require(Adapter adapter, String name, Set<String> known, long... expected) {
    Tensor tensor = adapter.tensors().get(name);
    boolean fits =
        tensor != null && tensor.type() == DType.FLOAT32 && tensor.rank() == expected.length;
    for (int axis = 0; fits && axis < expected.length; axis++) {
      fits = expected[axis] < 0 || expected[axis] == tensor.dim(axis);
    }
    if (!fits) {
      throw new AcclimateException(
          "adapter %s, tensor '%s': expected FLOAT32 of shape %s (-1: any), found %s"
              .formatted(
                  adapter.card().ref(),
                  name,
                  Arrays.toString(expected),
                  tensor == null ? "none" : tensor));
    }
    known.add(name);
    return tensor;
  }

  private void requireKnown(Adapter adapter, Set<String> known) {
    Set<String> unknown = new LinkedHashSet<>(adapter.tensors().keySet());
    unknown.removeAll(known);
    if (!unknown.isEmpty()) {
      throw new AcclimateException(
          "adapter %s cannot be served in mixed batches: expected tensors of lora at %s%s, found %s"
              .formatted(
                  adapter.card().ref(),
                  graph.places().linear().stream().map(Site::id).toList(),
                  graph.places().head().map(site -> " and of a head at " + site.id()).orElse(""),
                  unknown));
    }
  }
}

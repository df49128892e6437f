package io.acclimate.bank.serving;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.FrozenModel;
import io.acclimate.runtime.ModelRunner;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.graph.Dim;
import io.acclimate.runtime.graph.ValueType;
import java.nio.FloatBuffer;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.commons.rng.UniformRandomProvider;

/**
 * Finds out by a call whether the rows of a model's batch are computed apart from each other: with
 * an adapter for the first row only, the others must be answered as without. A model that lays its
 * batch out otherwise, or normalises over it, is found so.
 */
final class RowCheck {
  private static final double TOLERANCE = 1e-3;
  private static final double STRENGTH = 1;

  private RowCheck() {}

  static void check(MixedGraph graph, FrozenModel session, Collection<String> outputs) {
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    for (String input : graph.graph().inputs()) {
      if (!input.startsWith("adapter-")) {
        inputs.put(input, sample(input, graph));
      }
    }
    int rows = Math.toIntExact(inputs.values().iterator().next().dim(0));
    Tensor slots = Tensor.allocate(DType.INT64, rows);
    inputs.put(MixedGraph.SLOTS, slots);
    Map<String, Tensor> stacks = new AdapterStacks(graph).tensors();
    stacks.forEach((name, stack) -> fill(stack, stack.elements() / stack.dim(0)));
    try (ModelRunner runner = session.newRunner(outputs)) {
      Map<String, float[]> frozen = read(runner.run(inputs, stacks));
      slots.longs().put(0, 1);
      read(runner.run(inputs, stacks))
          .forEach((name, values) -> compare(session, name, frozen.get(name), values, rows));
    }
  }

  /** Numbers between -1 and 1, and ones where whole numbers are wanted. */
  private static Tensor sample(String input, MixedGraph graph) {
    ValueType type = graph.graph().type(input);
    long[] shape =
        type.shape().dims().stream().mapToLong(dim -> size(dim, graph.checkedSizes())).toArray();
    Tensor tensor = Tensor.allocate(type.type(), shape);
    UniformRandomProvider random = SeedTree.of(1).child(input).generator();
    for (int i = 0; i < tensor.elements(); i++) {
      switch (type.type()) {
        case FLOAT32 -> tensor.floats().put(i, 2 * random.nextFloat() - 1);
        case INT64 -> tensor.longs().put(i, 1);
        case INT32 -> tensor.ints().put(i, 1);
        default ->
            throw new AcclimateException(
                "input '%s': expected FLOAT32, INT64 or INT32, found %s".formatted(input, type));
      }
    }
    return tensor;
  }

  private static long size(Dim dim, Map<String, Long> sizes) {
    return dim.isFixed() ? dim.size() : sizes.get(dim.symbol());
  }

  /** Random values in slot 1. */
  private static void fill(Tensor stack, long perSlot) {
    UniformRandomProvider random = SeedTree.of(2).generator();
    FloatBuffer values = stack.view(perSlot, perSlot).floats();
    while (values.hasRemaining()) {
      values.put((float) (STRENGTH * (2 * random.nextDouble() - 1)));
    }
  }

  private static Map<String, float[]> read(Map<String, Tensor> outputs) {
    Map<String, float[]> values = new LinkedHashMap<>();
    outputs.forEach((name, tensor) -> values.put(name, tensor.toFloatArray()));
    return values;
  }

  private static void compare(
      FrozenModel session, String name, float[] frozen, float[] values, int rows) {
    for (int i = values.length / rows; i < values.length; i++) {
      if (Math.abs(values[i] - frozen[i]) > TOLERANCE * (1 + Math.abs(frozen[i]))) {
        throw new AcclimateException(
            "%s: expected each row of a batch to be computed by itself, found output '%s' of row %d"
                    .formatted(session.name(), name, i / (values.length / rows))
                + " changed by another row's adapter");
      }
    }
  }
}

package io.acclimate.simulators.inspect;

import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.graph.Constant;
import io.acclimate.runtime.graph.ModelGraph;
import io.acclimate.runtime.graph.Node;
import io.acclimate.runtime.graph.ValueType;
import io.acclimate.runtime.train.Init;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import org.apache.commons.rng.UniformRandomProvider;

/**
 * Random inputs that any model accepts: numbers around 0, rows of the tables that whole numbers
 * pick from, and ones for other whole numbers, as masks are.
 */
final class SampleInputs {
  private SampleInputs() {}

  /** A tensor for each input of a graph of fixed shapes. */
  static Map<String, Tensor> of(ModelGraph graph, SeedTree seeds) {
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    for (String input : graph.inputs()) {
      inputs.put(input, of(graph, input, seeds.child(input)));
    }
    return inputs;
  }

  private static Tensor of(ModelGraph graph, String input, SeedTree seeds) {
    ValueType type = graph.type(input);
    if (type.type().isFloating()) {
      Tensor tensor = type.allocate();
      Init.normal(1).fill(tensor, seeds);
      return tensor;
    }
    OptionalLong rows = rows(graph, input);
    UniformRandomProvider random = seeds.generator();
    double[] values = new double[Math.toIntExact(type.shape().elements())];
    Arrays.setAll(values, i -> rows.isPresent() ? random.nextLong(rows.getAsLong()) : 1);
    return Constant.ofDoubles(type.type(), values, type.shape().sizes()).toTensor();
  }

  /** The number of rows of the smallest constant that an input picks rows of. */
  private static OptionalLong rows(ModelGraph graph, String input) {
    return graph.consumers(input).stream()
        .filter(node -> node.is("Gather") && node.input(1).equals(input))
        .filter(node -> graph.constants().containsKey(node.input(0)))
        .mapToLong(node -> rows(graph, node))
        .min();
  }

  private static long rows(ModelGraph graph, Node gather) {
    int axis = Math.toIntExact(gather.attributes().integer("axis", 0));
    return graph.type(gather.input(0)).shape().size(axis);
  }
}

package io.acclimate.runtime.autodiff;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.Device;
import io.acclimate.runtime.GraphSession;
import io.acclimate.runtime.ModelOptions;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.graph.Constant;
import io.acclimate.runtime.graph.DoublePrecision;
import io.acclimate.runtime.graph.GraphBuilder;
import io.acclimate.runtime.graph.ModelGraph;
import io.acclimate.runtime.graph.OnnxFormat;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.rng.UniformRandomProvider;

/**
 * Compares the derived gradients of a model with central differences in float64.
 *
 * <p>For each parameter and several random directions of +1 and -1, the gradient times the
 * direction is compared with the change of the loss along it. Differences are taken with several
 * steps and the best one counts: large ones are off by the loss's curvature, small ones by
 * rounding, while a wrong gradient is wrong with each of them.
 *
 * <p>Immutable and thread-safe. Runs on the CPU, where the same seed gives the same result.
 *
 * @param directions how many random directions to try for each parameter, from 1
 * @param seeds where the directions come from
 * @param rules the gradient rules to check
 */
public record GradientCheck(int directions, SeedTree seeds, GradientRules rules) {
  /** Steps of the differences, the most often best one first. */
  private static final double[] STEPS = {1e-5, 1e-4, 1e-6, 1e-3};

  /** An error that no smaller one has to be looked for. */
  private static final double GOOD = 1e-8;

  /** Gradients this far below the loss are lost in its rounding. */
  private static final double NOISE = 1e-6;

  /** Checks the number of directions. */
  public GradientCheck {
    if (directions < 1) {
      throw new AcclimateException("expected at least one direction, found " + directions);
    }
  }

  /**
   * Runs the check.
   *
   * @param graph a graph of fixed shapes
   * @param loss a value with one element
   * @param inputs a tensor for each input of the graph, the parameters among them
   * @param parameters inputs of the graph to differentiate by
   * @return for each parameter the worst error over all directions, relative to the largest of the
   *     derived and the measured change, the gradient's norm and 1e-6 of the loss; infinite where a
   *     result is not a number
   * @throws AcclimateException when an operator has no gradient rule, a name is unknown, or the
   *     loss is not finite
   */
  public Map<String, Double> run(
      ModelGraph graph, String loss, Map<String, Tensor> inputs, Collection<String> parameters) {
    requireInputs(graph, inputs, parameters);
    Map<String, Tensor> point = new LinkedHashMap<>();
    graph.inputs().forEach(name -> point.put(name, wide(inputs.get(name))));
    Map<String, Tensor> gradients = gradients(graph, loss, point, parameters);
    GraphBuilder lossOnly = graph.toBuilder();
    lossOnly.setOutputs(List.of(loss));
    Map<String, Double> worst = new LinkedHashMap<>();
    try (Surface surface = new Surface(DoublePrecision.of(lossOnly.build()), loss, point)) {
      for (String parameter : parameters) {
        double[] gradient = gradients.get(parameter).toDoubleArray();
        double error = 0;
        for (int k = 0; k < directions; k++) {
          SeedTree seed = seeds.child(parameter).child(k);
          double[] direction = direction(seed.generator(), gradient.length);
          error = Math.max(error, surface.error(parameter, gradient, direction));
        }
        worst.put(parameter, error);
      }
    }
    return worst;
  }

  private static void requireInputs(
      ModelGraph graph, Map<String, Tensor> inputs, Collection<String> parameters) {
    for (String parameter : parameters) {
      if (!graph.inputs().contains(parameter)) {
        throw new AcclimateException(
            "graph %s: expected parameters among the inputs %s, found '%s'"
                .formatted(graph.name(), graph.inputs(), parameter));
      }
    }
    for (String input : graph.inputs()) {
      if (!inputs.containsKey(input)) {
        throw new AcclimateException(
            "graph %s: expected a tensor for input '%s', found %s"
                .formatted(graph.name(), input, inputs.keySet()));
      }
    }
  }

  private static Tensor wide(Tensor tensor) {
    return tensor.type().isFloating()
        ? Tensor.ofDoubles(Constant.of(tensor).toDoubles(), tensor.shape())
        : tensor;
  }

  private Map<String, Tensor> gradients(
      ModelGraph graph, String loss, Map<String, Tensor> point, Collection<String> parameters) {
    GraphBuilder builder = graph.toBuilder();
    builder.setOutputs(List.of());
    Map<String, String> derived = Autodiff.gradients(builder, loss, parameters, rules);
    Map<String, String> names = new LinkedHashMap<>();
    for (String parameter : parameters) {
      names.put(parameter, builder.fresh("gradient"));
      builder.output(names.get(parameter), derived.get(parameter));
    }
    ModelGraph backward = DoublePrecision.of(builder.build());
    Map<String, Tensor> outputs = new LinkedHashMap<>();
    names.values().forEach(name -> outputs.put(name, backward.type(name).allocate()));
    try (GraphSession session = open(backward)) {
      session.run(point, outputs);
    }
    Map<String, Tensor> gradients = new LinkedHashMap<>();
    names.forEach((parameter, name) -> gradients.put(parameter, outputs.get(name)));
    return gradients;
  }

  private static GraphSession open(ModelGraph graph) {
    return GraphSession.open(
        graph.name(), OnnxFormat.toBytes(graph), new ModelOptions(Device.CPU, 0));
  }

  private static double[] direction(UniformRandomProvider random, int length) {
    double[] direction = new double[length];
    for (int i = 0; i < length; i++) {
      direction[i] = random.nextBoolean() ? 1 : -1;
    }
    return direction;
  }

  /** The loss as a function of the parameters. */
  private static final class Surface implements AutoCloseable {
    private final GraphSession session;
    private final Map<String, Tensor> point;
    private final Map<String, Tensor> outputs;
    private final Tensor loss;
    private final double centre;

    Surface(ModelGraph graph, String loss, Map<String, Tensor> point) {
      this.session = open(graph);
      this.point = point;
      this.loss = Tensor.allocate(DType.FLOAT64, graph.type(loss).shape().sizes());
      this.outputs = Map.of(loss, this.loss);
      this.centre = at();
      if (!Double.isFinite(centre)) {
        session.close();
        throw new AcclimateException(
            "graph %s: expected a finite loss, found %s".formatted(graph.name(), centre));
      }
    }

    private double at() {
      session.run(point, outputs);
      return loss.doubles().get(0);
    }

    double error(String parameter, double[] gradient, double[] direction) {
      double derived = 0;
      double square = 0;
      for (int i = 0; i < gradient.length; i++) {
        derived += gradient[i] * direction[i];
        square += gradient[i] * gradient[i];
      }
      double floor = Math.max(Math.sqrt(square), NOISE * Math.abs(centre));
      double best = Double.POSITIVE_INFINITY;
      for (int i = 0; i < STEPS.length && best > GOOD; i++) {
        double measured = slope(parameter, direction, STEPS[i]);
        double scale = Math.max(floor, Math.max(Math.abs(derived), Math.abs(measured)));
        double error = scale == 0 ? 0 : Math.abs(derived - measured) / scale;
        best = Double.isNaN(error) ? best : Math.min(best, error);
      }
      return best;
    }

    private double slope(String parameter, double[] direction, double step) {
      Tensor tensor = point.get(parameter);
      double[] start = tensor.toDoubleArray();
      move(tensor, start, direction, step);
      double up = at();
      move(tensor, start, direction, -step);
      double down = at();
      move(tensor, start, direction, 0);
      return (up - down) / (2 * step);
    }

    private static void move(Tensor tensor, double[] start, double[] direction, double step) {
      for (int i = 0; i < start.length; i++) {
        tensor.doubles().put(i, start[i] + step * direction[i]);
      }
    }

    @Override
    public void close() {
      session.close();
    }
  }
}

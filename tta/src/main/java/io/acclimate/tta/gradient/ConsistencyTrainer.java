package io.acclimate.tta.gradient;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.autodiff.Autodiff;
import io.acclimate.runtime.graph.Constant;
import io.acclimate.runtime.graph.GraphBuilder;
import io.acclimate.runtime.graph.ModelGraph;
import io.acclimate.runtime.graph.Ops;
import io.acclimate.runtime.train.Adam;
import io.acclimate.runtime.train.Losses;
import io.acclimate.runtime.train.ParameterGroups;
import io.acclimate.runtime.train.ParameterSet;
import io.acclimate.tta.DifferentiableModel;
import io.acclimate.tta.SourceConsistency;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Learns ITTA's consistency loss on labelled source samples: its gradient by the model's weights
 * shall point where that of the true loss does, so the loss itself is learned by second-order
 * gradients.
 *
 * <p>The paper trains the model along with it. Here the model is frozen, and its weights in
 * question are scale and shift of its normalisation layers. Not thread-safe.
 */
public final class ConsistencyTrainer implements AutoCloseable {
  private static final String SCALES = "consistency/scales";
  private static final String SHIFTS = "consistency/shifts";
  private static final String LABELS = "consistency/labels";
  private static final double PENALTY = 0.1;
  private static final double TINY = 1e-20;

  private final AdaptableModel model;
  private final ParameterSet learned;
  private final Adam optimizer;
  private final double rate;
  private final SeedTree seeds;
  private final int classes;
  private long steps;

  /**
   * Starts at the identity.
   *
   * @param rate the learning rate of Adam
   */
  public ConsistencyTrainer(
      DifferentiableModel model, int classes, int featureSize, double rate, SeedTree seeds) {
    this.model =
        new AdaptableModel(model, graph -> attach(graph, featureSize), ConsistencyTrainer::loss, 2);
    this.learned = this.model.source().copy();
    this.optimizer =
        Adam.adam(ParameterGroups.of(learned.types().keySet(), ParameterGroups.Group.DEFAULT));
    this.rate = rate;
    this.seeds = seeds;
    this.classes = classes;
  }

  private static ParameterScope.Attached attach(ModelGraph model, int featureSize) {
    GraphBuilder graph = new AdaptiveBlocks(false).attach(model).graph();
    Map<String, Constant> parameters = new LinkedHashMap<>();
    double[] values = new double[SourceConsistency.LAYERS * featureSize];
    parameters.put(SHIFTS, constant(values, featureSize));
    Arrays.fill(values, 1);
    parameters.put(SCALES, constant(values, featureSize));
    parameters.forEach((name, value) -> graph.input(name, value.type()));
    return new ParameterScope.Attached(graph, parameters);
  }

  private static Constant constant(double[] values, int featureSize) {
    return Constant.ofDoubles(DType.FLOAT32, values, SourceConsistency.LAYERS, featureSize);
  }

  private static String loss(LossGraph graph) {
    Ops ops = graph.ops();
    List<String> weights = WeightScope.NORM.names(ops.graph());
    String labels = graph.input(LABELS, graph.size(), graph.classes());
    String consistency = ConsistencyLoss.of(graph, SCALES, SHIFTS);
    String both =
        ops.add(
            Losses.softCrossEntropy(ops, graph.logits(0), labels),
            Losses.softCrossEntropy(ops, graph.logits(1), labels));
    String truth = Losses.weightedMean(ops, both, graph.weights());
    String guide = standardised(ops, Autodiff.gradients(ops.graph(), truth, weights), weights);
    String own = standardised(ops, Autodiff.gradients(ops.graph(), consistency, weights), weights);
    return ops.mul(Losses.meanSquaredError(ops, own, ops.stopGradient(guide)), PENALTY);
  }

  /** All gradients as one list, with mean 0 and deviation 1; both count as constants. */
  static String standardised(Ops ops, Map<String, String> gradients, List<String> order) {
    List<String> flat = new ArrayList<>();
    order.stream().sorted().forEach(name -> flat.add(ops.reshape(gradients.get(name), -1)));
    String all = ops.concat(0, flat);
    String known = ops.stopGradient(all);
    String mean = ops.reduceMean(known, true);
    String centred = ops.sub(known, mean);
    long count = ops.shape(all).size(0);
    String squares = ops.reduceSum(ops.mul(centred, centred), true);
    String root = ops.sqrt(ops.mul(squares, 1.0 / Math.max(1, count - 1)));
    // views that hardly differ have gradients whose squares vanish
    String deviation = ops.max(root, ops.scalarLike(root, TINY));
    return ops.div(ops.sub(all, ops.stopGradient(mean)), ops.stopGradient(deviation));
  }

  /**
   * Learns from one batch.
   *
   * @param batch {@code [rows, ...]}
   * @param labels {@code [rows]}
   * @return the penalty before the step
   */
  public double step(Tensor batch, int[] labels) {
    SizedModel sized = model.load(batch);
    sized.load(1, batch);
    MixedViews.draw(sized, seeds.child(steps).generator());
    double[] oneHot = new double[sized.capacity() * classes];
    for (int i = 0; i < labels.length; i++) {
      oneHot[i * classes + labels[i]] = 1;
    }
    sized.set(LABELS, oneHot);
    double loss = sized.backward(learned);
    if (!Double.isFinite(loss) || !sized.gradients().isFinite()) {
      throw new AcclimateException("step %d: a number is not finite".formatted(steps));
    }
    optimizer.step(learned, sized.gradients(), rate);
    steps++;
    return loss;
  }

  /** What was learned so far. */
  public SourceConsistency result() {
    return new SourceConsistency(learned.tensor(SCALES).copy(), learned.tensor(SHIFTS).copy());
  }

  @Override
  public void close() {
    model.close();
  }
}

package io.acclimate.tta.gradient;

import io.acclimate.runtime.graph.Ops;
import io.acclimate.runtime.state.StateReader;
import io.acclimate.runtime.state.StateWriter;
import io.acclimate.runtime.train.Losses;
import io.acclimate.runtime.train.ParameterSet;
import io.acclimate.tta.DifferentiableModel;
import io.acclimate.tta.OutputBatch;
import java.util.Arrays;

/**
 * SAR: minimises the entropy of reliable samples, and the sharpness of that entropy; starts anew
 * when the entropy becomes suspiciously small. Niu et al., Towards Stable Test-Time Adaptation in
 * Dynamic Wild World, ICLR 2023, arXiv 2302.12400.
 *
 * <p>Two calls of the model for a batch. The last normalisation layers stay as they are. Not
 * thread-safe.
 */
public final class Sar extends GradientMethod {
  private static final String TAKEN = "stream/taken";
  private static final String RELIABLE = "stream/reliable";
  private static final double KEEP = 0.9;
  private static final double TINY = 1e-12;

  private final Settings settings;
  private final double floor;
  private final ParameterSet perturbed;
  private double meanLoss = Double.NaN;

  /**
   * Settings beside the optimiser's.
   *
   * @param entropyMargin samples of less entropy are reliable; a part of a uniform answer's entropy
   * @param radius how far uphill the gradient is taken, at least 0
   * @param recoveryFloor starts anew when the mean loss is below; a part of a uniform answer's
   *     entropy
   * @param skippedShare the part of the normalisation layers, from the last on, that stays
   */
  public record Settings(
      double entropyMargin, double radius, double recoveryFloor, double skippedShare) {}

  /** Creates the method at the source. */
  public Sar(
      DifferentiableModel model,
      ParameterChoice parameters,
      OptimizerSettings optimizer,
      Settings settings,
      int classes) {
    super(
        new AdaptableModel(
            model,
            parameters.of(model, settings.skippedShare()),
            graph -> loss(graph, settings.entropyMargin())),
        optimizer);
    this.settings = settings;
    this.floor = settings.recoveryFloor() * Math.log(classes);
    this.perturbed = source().copy();
  }

  private static String loss(LossGraph graph, double entropyMargin) {
    Ops ops = graph.ops();
    String taken = graph.input(TAKEN, graph.size());
    String entropy = Losses.entropy(ops, graph.logits(0));
    String known = ops.stopGradient(entropy);
    String margin = ops.scalarLike(known, entropyMargin * Math.log(graph.classes()));
    String low = ops.indicator(ops.less(known, margin), known);
    String reliable = ops.mul(low, ops.mul(taken, graph.weights()));
    graph.result(RELIABLE, reliable);
    String count = ops.reduceSum(reliable, false);
    String sum = ops.reduceSum(ops.mul(reliable, entropy), false);
    return ops.div(sum, ops.max(count, ops.scalarLike(count, 1)));
  }

  @Override
  void learn(OutputBatch batch, double[] answer) {
    SizedModel sized = learner().load(input(batch));
    double[] all = new double[sized.capacity()];
    Arrays.fill(all, 1);
    sized.set(TAKEN, all);
    sized.backward(student());
    if (answer != null) {
      sized.answer(answer);
    }
    double[] reliable = sized.result(RELIABLE);
    if (Arrays.stream(reliable).sum() == 0) {
      return;
    }
    perturbed.copyFrom(student());
    ParameterSet uphill = sized.gradients();
    perturbed.add(settings.radius() / (uphill.norm() + TINY), uphill);
    sized.set(TAKEN, reliable);
    double loss = sized.backward(perturbed);
    boolean anyLeft = Arrays.stream(sized.result(RELIABLE)).sum() > 0;
    if (anyLeft && step(loss, sized.gradients())) {
      follow(loss);
    }
  }

  private void follow(double loss) {
    meanLoss = Double.isNaN(meanLoss) ? loss : KEEP * meanLoss + (1 - KEEP) * loss;
    if (meanLoss < floor) {
      startAnew("mean loss %.4f nats is below the floor %.4f".formatted(meanLoss, floor));
    }
  }

  @Override
  public void reset() {
    super.reset();
    meanLoss = Double.NaN;
  }

  @Override
  public void save(StateWriter out) {
    super.save(out);
    out.putDouble("mean-loss", meanLoss);
  }

  @Override
  public void load(StateReader in) {
    super.load(in);
    meanLoss = in.getDouble("mean-loss");
  }
}

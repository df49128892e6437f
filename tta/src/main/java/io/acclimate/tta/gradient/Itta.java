package io.acclimate.tta.gradient;

import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.graph.Constant;
import io.acclimate.runtime.graph.Ops;
import io.acclimate.runtime.train.Losses;
import io.acclimate.tta.DifferentiableModel;
import io.acclimate.tta.OutputBatch;
import io.acclimate.tta.SourceConsistency;
import java.util.Optional;

/**
 * ITTA: asks for the same features of a sample in another sample's style, by a consistency loss
 * that was learned on the source, and changes new parameters behind each block alone. Chen et al.,
 * Improved Test-Time Adaptation for Domain Generalization, CVPR 2023, arXiv 2304.04494.
 *
 * <p>For transformers, where the paper has a ResNet; the deviations stand at {@code
 * AdaptiveBlocks}. Draws depend on the number of updates. Not thread-safe.
 */
public final class Itta extends GradientMethod {
  private final AdaptableModel predictor;
  private final SeedTree seeds;

  /**
   * Creates the method at the source.
   *
   * @param lossScale multiplies the loss, at least 0
   */
  public Itta(
      DifferentiableModel model,
      OptimizerSettings optimizer,
      double lossScale,
      SourceConsistency consistency,
      SeedTree seeds) {
    super(
        new AdaptableModel(
            model, new AdaptiveBlocks(true), graph -> loss(graph, consistency, lossScale), 2),
        optimizer);
    this.predictor = new AdaptableModel(model, new AdaptiveBlocks(true), Itta::entropy);
    this.seeds = seeds;
  }

  private static String loss(LossGraph graph, SourceConsistency learned, double lossScale) {
    Ops ops = graph.ops();
    String scales = ops.graph().constant(Constant.of(learned.scales()));
    String shifts = ops.graph().constant(Constant.of(learned.shifts()));
    return ops.mul(ConsistencyLoss.of(graph, scales, shifts), lossScale);
  }

  private static String entropy(LossGraph graph) {
    return Losses.mean(graph.ops(), Losses.entropy(graph.ops(), graph.logits(0)));
  }

  @Override
  public Optional<double[]> features() {
    return predictor.features();
  }

  @Override
  public void predict(OutputBatch batch, double[] probabilities) {
    answer(predictor, student(), batch, probabilities);
  }

  @Override
  void learn(OutputBatch batch, double[] answer) {
    SizedModel sized = learner().load(input(batch));
    sized.load(1, input(batch));
    MixedViews.draw(sized, seeds.child("styles").child(updates()).generator());
    double loss = sized.backward(student());
    if (answer != null) {
      sized.answer(answer);
    }
    step(loss, sized.gradients());
  }

  @Override
  public void close() {
    super.close();
    predictor.close();
  }
}

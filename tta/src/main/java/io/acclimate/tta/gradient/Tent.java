package io.acclimate.tta.gradient;

import io.acclimate.runtime.train.Losses;
import io.acclimate.tta.DifferentiableModel;
import io.acclimate.tta.OutputBatch;

/**
 * TENT: makes the model surer of its answers. Wang et al., Tent: Fully Test-Time Adaptation by
 * Entropy Minimization, ICLR 2021, arXiv 2006.10726.
 *
 * <p>One call of the model for a batch: the loss is the mean entropy of the answers. Not
 * thread-safe.
 */
public final class Tent extends GradientMethod {
  /** Creates the method at the source. */
  public Tent(DifferentiableModel model, ParameterChoice parameters, OptimizerSettings optimizer) {
    super(AdaptableModel.of(model, parameters, Tent::loss), optimizer);
  }

  private static String loss(LossGraph graph) {
    String entropies = Losses.entropy(graph.ops(), graph.logits(0));
    return Losses.weightedMean(graph.ops(), entropies, graph.weights());
  }

  @Override
  void learn(OutputBatch batch, double[] answer) {
    SizedModel sized = learner().load(input(batch));
    double loss = sized.backward(student());
    if (answer != null) {
      sized.answer(answer);
    }
    step(loss, sized.gradients());
  }
}

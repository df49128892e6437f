package io.acclimate.tta.gradient;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.graph.Ops;
import io.acclimate.runtime.train.Losses;
import io.acclimate.runtime.train.ParameterSet;
import io.acclimate.tta.DifferentiableModel;
import io.acclimate.tta.SourceFisher;

/**
 * Measures how much each weight of a model matters to source samples, batch by batch. Labels are
 * not needed: the loss is the cross-entropy with the model's own answers. Not thread-safe.
 */
public final class FisherCollector implements AutoCloseable {
  private final AdaptableModel model;
  private final ParameterSet sums;
  private int batches;

  /** Starts with nothing seen, for all weights of a model. */
  public FisherCollector(DifferentiableModel model) {
    this.model = AdaptableModel.of(model, WeightScope.ALL, FisherCollector::loss);
    this.sums = new ParameterSet(this.model.source().types());
  }

  private static String loss(LossGraph graph) {
    Ops ops = graph.ops();
    String logits = graph.logits(0);
    String isLargest = ops.equal(logits, ops.reduceMax(logits, true, 1));
    String labels = ops.stopGradient(ops.indicator(isLargest, logits));
    String bySample = Losses.softCrossEntropy(ops, logits, labels);
    return Losses.weightedMean(ops, bySample, graph.weights());
  }

  /**
   * Takes in one batch of source samples.
   *
   * @throws AcclimateException when a gradient is not finite
   */
  public void add(Tensor batch) {
    SizedModel sized = model.load(batch);
    sized.backward(model.source());
    ParameterSet gradients = sized.gradients();
    if (!gradients.isFinite()) {
      throw new AcclimateException("source sample: expected finite gradients of the model");
    }
    for (int i = 0; i < sums.size(); i++) {
      sums.set(i, sums.get(i) + gradients.get(i) * gradients.get(i));
    }
    batches++;
  }

  /** The mean over the batches seen, of which there is at least one. */
  public SourceFisher result() {
    ParameterSet means = sums.copy();
    means.scale(1.0 / batches);
    return new SourceFisher(means);
  }

  @Override
  public void close() {
    model.close();
  }
}

package io.acclimate.runtime.train;

import io.acclimate.runtime.DType;
import io.acclimate.runtime.graph.Attributes;
import io.acclimate.runtime.graph.Ops;

/**
 * Losses as graphs. Each appends to a graph under construction and gives the name of its result.
 *
 * <p>Logits are {@code [batch, classes]}. A loss by sample is {@code [batch]}; {@link #mean} and
 * {@link #weightedMean} make a scalar of it.
 */
public final class Losses {
  /** What closed classes get added to their logits: far below any logit, yet finite. */
  private static final double CLOSED = -1e9;

  private Losses() {}

  /**
   * Cross-entropy with true classes, by sample.
   *
   * @param labels {@code [batch]}, {@link DType#INT64}, from 0 to classes - 1
   */
  public static String crossEntropy(Ops ops, String logits, String labels) {
    String picked =
        ops.op(
            "GatherElements",
            Attributes.of("axis", 1),
            ops.logSoftmax(logits, -1),
            ops.unsqueeze(labels, 1));
    return ops.neg(ops.squeeze(picked, 1));
  }

  /**
   * Logits in which only some classes compete.
   *
   * @param mask {@code [classes]} of the logits' type: 1 for an open class, 0 for a closed one
   */
  public static String openClasses(Ops ops, String logits, String mask) {
    String closed = ops.mul(ops.add(mask, -1), -CLOSED);
    return ops.add(logits, closed);
  }

  /** Cross-entropy with target probabilities {@code [batch, classes]}, by sample. */
  public static String softCrossEntropy(Ops ops, String logits, String target) {
    return ops.neg(ops.reduceSum(ops.mul(target, ops.logSoftmax(logits, -1)), false, -1));
  }

  /** The entropy of the softmax, by sample, in nats. */
  public static String entropy(Ops ops, String logits) {
    String plogp = ops.mul(ops.softmax(logits, -1), ops.logSoftmax(logits, -1));
    return ops.neg(ops.reduceSum(plogp, false, -1));
  }

  /** The divergence KL(softmax(target) || softmax(logits)), by sample, in nats. */
  public static String kl(Ops ops, String logits, String targetLogits) {
    String difference = ops.sub(ops.logSoftmax(targetLogits, -1), ops.logSoftmax(logits, -1));
    return ops.reduceSum(ops.mul(ops.softmax(targetLogits, -1), difference), false, -1);
  }

  /**
   * Symmetric cross-entropy of two outputs, half of each direction, by sample: the consistency loss
   * of CoTTA's ImageNet setting, PSMT and ROID.
   */
  public static String symmetricCrossEntropy(Ops ops, String logits, String other) {
    String one = softCrossEntropy(ops, logits, ops.softmax(other, -1));
    String two = softCrossEntropy(ops, other, ops.softmax(logits, -1));
    return ops.mul(ops.add(one, two), 0.5);
  }

  /** The mean squared difference over all elements. */
  public static String meanSquaredError(Ops ops, String values, String target) {
    String difference = ops.sub(values, target);
    return ops.reduceMean(ops.mul(difference, difference), false);
  }

  /** The mean over all samples. */
  public static String mean(Ops ops, String bySample) {
    return ops.reduceMean(bySample, false);
  }

  /**
   * The mean with a weight for each sample: 0 leaves one out, as a batch that is not full needs.
   *
   * @param weights {@code [batch]}, not all 0
   */
  public static String weightedMean(Ops ops, String bySample, String weights) {
    String total = ops.reduceSum(weights, false);
    return ops.div(ops.reduceSum(ops.mul(bySample, weights), false), total);
  }
}

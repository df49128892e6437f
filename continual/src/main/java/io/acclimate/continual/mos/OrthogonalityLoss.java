package io.acclimate.continual.mos;

import io.acclimate.continual.tuning.FeatureLoss;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.graph.Constant;
import io.acclimate.runtime.graph.GraphBuilder;
import io.acclimate.runtime.graph.Ops;
import io.acclimate.runtime.graph.ValueType;
import io.acclimate.runtime.train.Losses;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.LongStream;

/**
 * Keeps features apart from each other and from the means of classes seen before: {@code strength *
 * CE(M M^T / 0.8, identity)}, M the means and the features of the batch, one below the other, as
 * they are. The second term of the loss of MOS. Not thread-safe.
 */
final class OrthogonalityLoss implements FeatureLoss {
  private static final double TEMPERATURE = 0.8;
  private static final String MEANS = "orthogonality-means";
  private static final String KNOWN = "orthogonality-known";

  private final double strength;
  private final IntFunction<double[]> means;

  /**
   * Creates the term.
   *
   * @param strength at least 0; 0 leaves the term out
   * @param means the mean of a class, {@code [size]}, null when there is none
   */
  OrthogonalityLoss(double strength, IntFunction<double[]> means) {
    this.strength = strength;
    this.means = means;
  }

  @Override
  public String append(
      GraphBuilder graph, String loss, String features, String weights, int classes) {
    if (strength == 0) {
      return loss;
    }
    Ops ops = graph.ops();
    DType type = ops.type(features).type();
    long size = ops.shape(features).size(1);
    graph.input(MEANS, ValueType.of(type, classes, size));
    graph.input(KNOWN, ValueType.of(type, classes));
    String all = ops.concat(0, List.of(MEANS, features));
    String counted = ops.concat(0, List.of(KNOWN, weights));
    String logits = ops.mul(ops.matMul(all, ops.transposeLast(all)), 1 / TEMPERATURE);
    String open = Losses.openClasses(ops, logits, ops.sign(counted));
    String labels = graph.constant(rows(classes + ops.shape(features).size(0)));
    String term = Losses.weightedMean(ops, Losses.crossEntropy(ops, open, labels), counted);
    return ops.add(loss, ops.mul(term, strength));
  }

  private static Constant rows(long count) {
    return Constant.ofLongs(LongStream.range(0, count).toArray(), count);
  }

  @Override
  public void fill(Map<String, Tensor> feeds) {
    if (strength == 0) {
      return;
    }
    Tensor rows = feeds.get(MEANS);
    int classes = (int) rows.dim(0);
    int size = (int) rows.dim(1);
    for (int label = 0; label < classes; label++) {
      double[] mean = means.apply(label);
      put(feeds.get(KNOWN), label, mean == null ? 0 : 1);
      for (int i = 0; i < size; i++) {
        put(rows, label * size + i, mean == null ? 0 : mean[i]);
      }
    }
  }

  private static void put(Tensor tensor, int index, double value) {
    if (tensor.type() == DType.FLOAT64) {
      tensor.doubles().put(index, value);
    } else {
      tensor.floats().put(index, (float) value);
    }
  }
}

package io.acclimate.tta.labelshift;

import io.acclimate.runtime.LinearHead;
import io.acclimate.runtime.Tensor;
import io.acclimate.tta.SourceLabelShift;
import java.util.Arrays;

/**
 * Turns a label distribution into what a label shift adapter adds to the logits: a linear layer of
 * the features.
 *
 * <p>The adapter's network gives a scale g and a shift s of the features, a change U V of the
 * weights and t of the biases. With features h and head (W, b) the new logits are (W + U V)(g h +
 * s) + b + t; the layer kept here is their difference to W h + b. Not thread-safe.
 */
final class HeadGenerator {
  private final LabelCondition condition;
  private final LinearHead head;
  private final float[] hiddenWeights;
  private final float[] hiddenBias;
  private final float[] outputWeights;
  private final float[] outputBias;
  private final float[] directions;
  private final int rank;
  private final double[] told;
  private final double[] generated;
  private final double[] weights;
  private final double[] bias;

  HeadGenerator(SourceLabelShift adapter, LinearHead head) {
    this.condition = adapter.condition();
    this.head = head;
    hiddenWeights = adapter.tensor(SourceLabelShift.HIDDEN_WEIGHTS).toFloatArray();
    hiddenBias = adapter.tensor(SourceLabelShift.HIDDEN_BIAS).toFloatArray();
    outputWeights = adapter.tensor(SourceLabelShift.OUTPUT_WEIGHTS).toFloatArray();
    outputBias = adapter.tensor(SourceLabelShift.OUTPUT_BIAS).toFloatArray();
    Tensor kept = adapter.tensor(SourceLabelShift.DIRECTIONS);
    directions = kept.toFloatArray();
    rank = (int) kept.dim(0);
    told = new double[condition.size()];
    generated = new double[outputBias.length];
    weights = new double[head.classes() * head.featureSize()];
    bias = new double[head.classes()];
  }

  /** Makes the layer for a label distribution, {@code [classes]}. */
  void generate(double[] prior) {
    condition.write(prior, told);
    runNetwork();
    int size = head.featureSize();
    int changes = 2 * size;
    int biases = changes + head.classes() * rank;
    for (int c = 0; c < head.classes(); c++) {
      bias[c] = generated[biases + c];
      for (int f = 0; f < size; f++) {
        double change = 0;
        for (int r = 0; r < rank; r++) {
          change += generated[changes + c * rank + r] * directions[r * size + f];
        }
        double weight = head.weights()[c * size + f];
        // the scale is generated as its difference to 1
        weights[c * size + f] = weight * generated[f] + change * (1 + generated[f]);
        bias[c] += (weight + change) * generated[size + f];
      }
    }
  }

  private void runNetwork() {
    for (int k = 0; k < generated.length; k++) {
      generated[k] = outputBias[k];
    }
    for (int m = 0; m < hiddenBias.length; m++) {
      double active = hiddenBias[m];
      for (int i = 0; i < told.length; i++) {
        active += told[i] * hiddenWeights[i * hiddenBias.length + m];
      }
      for (int k = 0; active > 0 && k < generated.length; k++) {
        generated[k] += active * outputWeights[m * generated.length + k];
      }
    }
  }

  /**
   * What is added to the logits of one sample.
   *
   * @param features holds the sample's from {@code start} on
   * @param target receives {@code [classes]}
   */
  void difference(double[] features, int start, double[] target) {
    int size = head.featureSize();
    System.arraycopy(bias, 0, target, 0, target.length);
    for (int c = 0; c < target.length; c++) {
      double sum = 0;
      for (int f = 0; f < size; f++) {
        sum += weights[c * size + f] * features[start + f];
      }
      target[c] += sum;
    }
  }

  @Override
  public String toString() {
    return "head changes told " + Arrays.toString(told);
  }
}

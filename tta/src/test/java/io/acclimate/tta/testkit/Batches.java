package io.acclimate.tta.testkit;

import io.acclimate.runtime.DType;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.Tensor;
import io.acclimate.tta.OutputBatch;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.rng.UniformRandomProvider;

/**
 * Streams of made-up batches: a centre for each class, labels in short runs, an unsure model whose
 * input is the features.
 */
public final class Batches {
  private Batches() {}

  /** A stream of batches with these sizes. */
  public static List<OutputBatch> stream(long seed, int classes, int featureSize, int... sizes) {
    UniformRandomProvider random = SeedTree.of(seed).generator();
    List<OutputBatch> batches = new ArrayList<>();
    for (int size : sizes) {
      batches.add(batch(random, size, classes, featureSize));
    }
    return batches;
  }

  private static OutputBatch batch(
      UniformRandomProvider random, int size, int classes, int featureSize) {
    double[] probabilities = new double[size * classes];
    double[] features = new double[size * featureSize];
    int[] labels = new int[size];
    for (int i = 0; i < size; i++) {
      labels[i] = i % 3 == 0 ? random.nextInt(classes) : labels[i - 1];
      double sum = 0;
      for (int c = 0; c < classes; c++) {
        double value = Math.exp(3 * random.nextDouble() + (c == labels[i] ? 2 : 0));
        probabilities[i * classes + c] = value;
        sum += value;
      }
      for (int c = 0; c < classes; c++) {
        probabilities[i * classes + c] /= sum;
      }
      for (int f = 0; f < featureSize; f++) {
        features[i * featureSize + f] = (f % classes == labels[i] ? 2 : 0) + random.nextDouble();
      }
    }
    return of(size, classes, featureSize, probabilities, features, labels);
  }

  /** A batch whose input is its features, {@code [size, featureSize]} as float32. */
  public static OutputBatch of(
      int size,
      int classes,
      int featureSize,
      double[] probabilities,
      double[] features,
      int[] labels) {
    Tensor input = Tensor.allocate(DType.FLOAT32, size, featureSize);
    for (int k = 0; k < features.length; k++) {
      input.floats().put(k, (float) features[k]);
    }
    return new OutputBatch(size, classes, featureSize, probabilities, features, labels, input);
  }
}

package io.acclimate.tta;

import io.acclimate.runtime.ModelRunner;
import io.acclimate.runtime.Rows;
import io.acclimate.runtime.Tensor;
import java.nio.FloatBuffer;
import java.util.Map;
import java.util.Optional;

/**
 * One method's way to run a {@link ForwardModel}, which counts the passes. Not thread-safe; close
 * it to free the buffers.
 */
public final class ForwardRunner implements AutoCloseable {
  private final ModelRunner runner;
  private final String logits;
  private final Optional<String> features;
  private double[] probabilities = new double[0];
  private double[] featureValues = new double[0];
  private long forwards;

  ForwardRunner(ModelRunner runner, String logits, Optional<String> features) {
    this.runner = runner;
    this.logits = logits;
    this.features = features;
  }

  /**
   * Answers a batch.
   *
   * @param input {@code [size, ...]} as the model's input says
   * @return the softmax of the logits, the features, and the input; valid until the next call
   * @throws io.acclimate.runtime.AcclimateException when the input does not fit, or the answer is
   *     not finite
   */
  public OutputBatch run(Tensor input) {
    Map<String, Tensor> outputs = runner.run(input);
    forwards++;
    Tensor scores = outputs.get(logits);
    int size = (int) scores.dim(0);
    int classes = (int) scores.dim(1);
    probabilities = widen(scores, probabilities);
    Rows.softmax(probabilities, size, classes);
    featureValues =
        features.map(name -> widen(outputs.get(name), featureValues)).orElse(featureValues);
    int featureSize = featureValues.length / size;
    return new OutputBatch(size, classes, featureSize, probabilities, featureValues, null, input);
  }

  private static double[] widen(Tensor values, double[] target) {
    int count = (int) values.elements();
    double[] wide = target.length == count ? target : new double[count];
    FloatBuffer narrow = values.floats();
    for (int k = 0; k < count; k++) {
      wide[k] = narrow.get(k);
    }
    return wide;
  }

  /** How often the model was run. */
  public Passes passes() {
    return new Passes(forwards, 0);
  }

  /** Frees the buffers outside the heap; a later call allocates them anew. */
  @Override
  public void close() {
    runner.close();
  }
}

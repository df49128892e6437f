package io.acclimate.tta.blackbox;

import io.acclimate.runtime.LinearHead;
import io.acclimate.runtime.Rows;
import io.acclimate.runtime.state.StateReader;
import io.acclimate.runtime.state.StateWriter;
import io.acclimate.runtime.state.Stateful;
import io.acclimate.tta.OutputBatch;
import java.util.Arrays;

/**
 * Moves features towards the source before the head reads them: by the source's mean features less
 * an exponential average of the batches' (FOA's activation shifting). Not thread-safe.
 */
final class ActivationShift implements Stateful {
  private final LinearHead head;
  private final double[] source;
  private final double scale;
  private final double keep;
  private final double[] recent;
  private final double[] shift;
  private double[] answer = new double[0];
  private double[] moved = new double[0];
  private long batches;

  /**
   * A shift that does nothing until a batch was seen.
   *
   * @param source the source's mean features, {@code [features]}
   * @param scale what the shift is multiplied by
   * @param keep what the average keeps of itself at each batch, 0 to below 1
   */
  ActivationShift(LinearHead head, double[] source, double scale, double keep) {
    this.head = head;
    this.source = source.clone();
    this.scale = scale;
    this.keep = keep;
    recent = new double[source.length];
    shift = new double[source.length];
  }

  /** The same samples with shifted features and the answer of the head for them. */
  OutputBatch apply(OutputBatch batch) {
    if (batches == 0 || scale == 0) {
      return batch;
    }
    int classes = batch.classes();
    int size = batch.featureSize();
    if (answer.length != batch.size() * classes) {
      answer = new double[batch.size() * classes];
      moved = new double[batch.size() * size];
    }
    for (int k = 0; k < moved.length; k++) {
      moved[k] = batch.features()[k] + shift[k % size];
    }
    for (int i = 0; i < batch.size(); i++) {
      for (int c = 0; c < classes; c++) {
        double logit = head.bias()[c];
        for (int f = 0; f < size; f++) {
          logit += head.weights()[c * size + f] * moved[i * size + f];
        }
        answer[i * classes + c] = logit;
      }
    }
    Rows.softmax(answer, batch.size(), classes);
    return batch.with(answer, moved);
  }

  /** Takes in the mean features of a batch, {@code [features]}. */
  void follow(double[] mean) {
    double kept = batches == 0 ? 0 : keep;
    for (int f = 0; f < recent.length; f++) {
      recent[f] = kept * recent[f] + (1 - kept) * mean[f];
    }
    batches++;
    update();
  }

  /** The average of the batches' mean features, {@code [features]}; a copy. */
  double[] recent() {
    return recent.clone();
  }

  private void update() {
    for (int f = 0; f < recent.length; f++) {
      shift[f] = scale * (source[f] - recent[f]);
    }
  }

  void reset() {
    batches = 0;
    Arrays.fill(recent, 0);
    update();
  }

  @Override
  public void save(StateWriter out) {
    out.putLong("batches", batches);
    out.putDoubles("recent", recent);
  }

  @Override
  public void load(StateReader in) {
    batches = in.getLong("batches");
    System.arraycopy(in.getDoubles("recent", recent.length), 0, recent, 0, recent.length);
    update();
  }
}

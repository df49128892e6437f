package io.acclimate.tta.prototypes;

import io.acclimate.runtime.LinearHead;
import io.acclimate.runtime.Rows;
import io.acclimate.runtime.state.StateReader;
import io.acclimate.runtime.state.StateWriter;
import io.acclimate.tta.OutputBatch;
import io.acclimate.tta.OutputCorrector;

/**
 * T3A: classifies by the mean direction of the samples the model is surest of. Iwasawa and Matsuo,
 * Test-Time Classifier Adjustment Module for Model-Agnostic Domain Generalization, NeurIPS 2021.
 *
 * <p>Each class starts with the rows of the head that the head itself gives to it. A sample joins
 * the class the model predicts for it; of each class the supports of lowest entropy are kept. The
 * logits are the products of the features with each class's mean support direction, of length 1.
 *
 * <p>Time O(n c d), memory O(c k d). Not thread-safe.
 */
public final class T3a implements OutputCorrector {
  private final int classes;
  private final int size;
  private final LinearHead head;
  private final ClassSupports[] supports;
  private final double[] directions;

  /**
   * Creates a corrector.
   *
   * @param head the model's head
   * @param kept supports of a class, at least 1
   */
  public T3a(LinearHead head, int kept) {
    this.head = head;
    this.classes = head.classes();
    this.size = head.featureSize();
    supports = new ClassSupports[classes];
    for (int c = 0; c < classes; c++) {
      supports[c] = new ClassSupports(kept, size);
    }
    directions = new double[classes * size];
    reset();
  }

  @Override
  public void predict(OutputBatch batch, double[] probabilities) {
    for (int i = 0; i < batch.size(); i++) {
      double max = Double.NEGATIVE_INFINITY;
      for (int c = 0; c < classes; c++) {
        double logit = 0;
        for (int f = 0; f < size; f++) {
          logit += batch.features()[i * size + f] * directions[c * size + f];
        }
        probabilities[i * classes + c] = logit;
        max = Math.max(max, logit);
      }
      for (int k = i * classes; k < (i + 1) * classes; k++) {
        probabilities[k] = Math.exp(probabilities[k] - max);
      }
    }
    Rows.normalise(probabilities, batch.size(), classes);
  }

  @Override
  public void adapt(OutputBatch batch) {
    int[] labels = Rows.argmax(batch.probabilities(), batch.size(), classes);
    for (int i = 0; i < batch.size(); i++) {
      double entropy = Rows.entropy(batch.probabilities(), i * classes, classes);
      supports[labels[i]].offer(batch.features(), i * size, entropy);
    }
    point();
  }

  /** Gives each class the mean direction of its supports. */
  private void point() {
    for (int c = 0; c < classes; c++) {
      supports[c].direction(directions, c * size);
    }
  }

  @Override
  public void reset() {
    double[] row = new double[size];
    double[] answer = new double[classes];
    for (ClassSupports support : supports) {
      support.clear();
    }
    for (int c = 0; c < classes; c++) {
      for (int f = 0; f < size; f++) {
        row[f] = head.weights()[c * size + f];
      }
      answer(row, answer);
      int label = Rows.argmax(answer, 1, classes)[0];
      supports[label].offer(row, 0, Rows.entropy(answer, 0, classes));
    }
    point();
  }

  /** What the head says of one sample. */
  private void answer(double[] features, double[] probabilities) {
    double max = Double.NEGATIVE_INFINITY;
    for (int c = 0; c < classes; c++) {
      double logit = head.bias()[c];
      for (int f = 0; f < size; f++) {
        logit += features[f] * head.weights()[c * size + f];
      }
      probabilities[c] = logit;
      max = Math.max(max, logit);
    }
    for (int c = 0; c < classes; c++) {
      probabilities[c] = Math.exp(probabilities[c] - max);
    }
    Rows.normalise(probabilities, 1, classes);
  }

  @Override
  public void save(StateWriter out) {
    for (int c = 0; c < classes; c++) {
      out.put("class-" + c, supports[c]);
    }
  }

  @Override
  public void load(StateReader in) {
    for (int c = 0; c < classes; c++) {
      in.get("class-" + c, supports[c]);
    }
    point();
  }
}

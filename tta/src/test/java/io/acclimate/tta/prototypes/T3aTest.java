package io.acclimate.tta.prototypes;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.acclimate.runtime.LinearHead;
import io.acclimate.runtime.Rows;
import io.acclimate.tta.OutputBatch;
import org.junit.jupiter.api.Test;

class T3aTest {
  private static final LinearHead HEAD =
      new LinearHead(2, 2, new float[] {3, 0, 0, 4}, new float[2]);

  private static OutputBatch batch(double x, double y, double first) {
    return new OutputBatch(1, 2, 2, new double[] {first, 1 - first}, new double[] {x, y}, null);
  }

  /** Before any sample the directions are the rows of the head. */
  @Test
  void beginsWithTheHead() {
    double[] answer = new double[2];
    new T3a(HEAD, 5).predict(batch(0.5, 0.2, 0.5), answer);
    double first = Math.exp(0.5) / (Math.exp(0.5) + Math.exp(0.2));
    assertArrayEquals(new double[] {first, 1 - first}, answer, 1e-12);
  }

  /** A support turns its class's direction; the mean is of directions, not of features. */
  @Test
  void supportsTurnTheDirection() {
    T3a t3a = new T3a(HEAD, 5);
    t3a.adapt(batch(30, 40, 0.9));
    double[] answer = new double[2];
    t3a.predict(batch(1, 1, 0.5), answer);
    double length = Math.hypot(1 + 0.6, 0.8);
    double first = (1 + 0.6 + 0.8) / length;
    assertEquals(Math.exp(first - 1), answer[0] / answer[1], 1e-12);
  }

  /** Of one place the surest sample keeps it, whatever comes later. */
  @Test
  void theSurestSupportsAreKept() {
    T3a t3a = new T3a(HEAD, 1);
    t3a.adapt(batch(0, 1, 0.999999));
    t3a.adapt(batch(-1, 0, 0.6));
    double[] answer = new double[2];
    t3a.predict(batch(0, 1, 0.5), answer);
    assertArrayEquals(new double[] {0.5, 0.5}, answer, 1e-12);
    assertEquals(0, Rows.argmax(answer, 1, 2)[0]);
  }
}

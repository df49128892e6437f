package io.acclimate.continual.controls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.acclimate.continual.ContinualLearner;
import io.acclimate.continual.LabelledBatch;
import io.acclimate.continual.TaskOutline;
import io.acclimate.continual.TinyStream;
import io.acclimate.continual.metrics.ContinualMetrics;
import org.junit.jupiter.api.Test;

/** The controls stand where controls have to stand. */
class ControlsTest {
  private static ContinualMetrics run(String name) {
    try (ContinualLearner learner = TinyStream.learner(name, TinyStream.settings(name))) {
      return TinyStream.run(learner);
    }
  }

  @Test
  void naiveForgetsAndJointDoesNot() {
    ContinualMetrics naive = run("naive");
    ContinualMetrics joint = run("joint");
    assertTrue(naive.forgetting() > 0.5, "naive forgets " + naive.forgetting());
    assertTrue(joint.forgetting() < 0.2, "joint forgets " + joint.forgetting());
    assertTrue(joint.lastAccuracy() > naive.lastAccuracy() + 0.4);
  }

  @Test
  void classMeansForgetLittle() {
    ContinualMetrics means = run("frozen-ncm");
    assertTrue(means.forgetting() < 0.1, "class means forget " + means.forgetting());
    assertTrue(means.lastAccuracy() > 0.7, "last accuracy " + means.lastAccuracy());
  }

  @Test
  void theMeanOfOneSampleIsTheSample() {
    try (ContinualLearner learner = TinyStream.learner("frozen-ncm", "")) {
      learner.beginTask(TaskOutline.ofRange(0, 3, 1));
      LabelledBatch batch = TinyStream.batches(0, 1).get(0);
      learner.learn(batch);
      double[] scores = new double[2 * 3];
      learner.predict(batch.inputs(), scores);
      assertEquals(1, scores[0], 1e-12);
      assertEquals(1, scores[4], 1e-12);
      assertEquals(scores[1], scores[3], 1e-12);
      assertEquals(-1, scores[2], "a class without a sample");
    }
  }
}

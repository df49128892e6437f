package io.acclimate.actors.learn;

import io.acclimate.continual.ContinualLearner;
import io.acclimate.continual.LabelledBatch;
import io.acclimate.runtime.AcclimateException;
import java.util.SortedMap;
import java.util.TreeMap;

/** Measures a learner on held-out samples. Stateless. */
final class TaskMeasure {
  private TaskMeasure() {}

  /**
   * The share of samples that a learner tells right among all classes it has seen; 0 before its
   * first class.
   *
   * @throws AcclimateException when a score is not finite
   */
  static double accuracy(ContinualLearner learner, LabelledBatch samples) {
    int classes = learner.classes();
    if (classes == 0) {
      return 0;
    }
    int rows = samples.labels().length;
    double[] scores = new double[rows * classes];
    learner.predict(samples.inputs(), scores);
    int right = 0;
    for (int row = 0; row < rows; row++) {
      int best = 0;
      for (int label = 0; label < classes; label++) {
        double score = scores[row * classes + label];
        if (!Double.isFinite(score)) {
          throw new AcclimateException(
              "held-out sample %d: expected finite scores, found %s".formatted(row, score));
        }
        best = score > scores[row * classes + best] ? label : best;
      }
      right += best == samples.labels()[row] ? 1 : 0;
    }
    return right / (double) rows;
  }

  /**
   * By earlier task what its accuracy has lost since it was accepted. Reads one probe at a time.
   *
   * @param task the number of the task that was learned
   */
  static SortedMap<String, Double> forgetting(
      ContinualLearner learner, LearnerFiles files, long task) {
    SortedMap<String, Double> lost = new TreeMap<>();
    for (long earlier : files.probes(task)) {
      LearnerFiles.Probe probe = files.probe(earlier);
      String name = "%d %s".formatted(probe.task(), probe.name()).strip();
      lost.put(name, probe.accuracy() - accuracy(learner, probe.samples()));
    }
    return lost;
  }
}

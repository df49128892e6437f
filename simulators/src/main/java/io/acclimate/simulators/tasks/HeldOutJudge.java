package io.acclimate.simulators.tasks;

import io.acclimate.continual.Backbone;
import io.acclimate.continual.ContinualLearner;
import io.acclimate.continual.LabelledBatch;
import java.util.Arrays;

/** Measures a learner on the held-out samples of tasks. Keeps only memory between calls. */
final class HeldOutJudge {
  private final ContinualLearner learner;
  private final Backbone backbone;
  private final TaskData data;
  private final TaskPlan plan;
  private double[] scores = new double[0];

  HeldOutJudge(ContinualLearner learner, Backbone backbone, TaskData data, TaskPlan plan) {
    this.learner = learner;
    this.backbone = backbone;
    this.data = data;
    this.plan = plan;
  }

  /** What is counted on the held-out samples of a task. */
  private enum Question {
    /** The class, among all classes seen. */
    CLASS,
    /** The class, among those of the task, by what the learner has for the task. */
    CLASS_OF_TOLD_TASK,
    /** Whether the class that is named among all classes seen is one of the task. */
    TASK
  }

  /** The share of a task's samples that are told right among all classes seen. */
  double accuracy(int task) {
    return share(task, Question.CLASS);
  }

  /** The share of a task's samples that are told right when the task is told. */
  double toldAccuracy(int task) {
    return share(task, Question.CLASS_OF_TOLD_TASK);
  }

  /** The share of a task's samples for which a class of the task is named. */
  double taskAccuracy(int task) {
    return share(task, Question.TASK);
  }

  private double share(int task, Question question) {
    int[] items = plan.tasks().get(task).heldOut();
    int classes = learner.classes();
    if (classes == 0) {
      return 0;
    }
    boolean[] own = ownClasses(task, classes);
    boolean[] all = new boolean[classes];
    Arrays.fill(all, true);
    int right = 0;
    for (int start = 0; start < items.length; start += backbone.batch()) {
      LabelledBatch batch =
          data.batch(
              backbone.graph(),
              plan.places(),
              items,
              start,
              Math.min(items.length, start + backbone.batch()));
      score(batch, question == Question.CLASS_OF_TOLD_TASK ? task : -1);
      for (int row = 0; row < batch.labels().length; row++) {
        int label = batch.labels()[row];
        boolean hit =
            switch (question) {
              case CLASS -> best(row * classes, all) == label;
              case CLASS_OF_TOLD_TASK -> best(row * classes, own) == label;
              case TASK -> own[best(row * classes, all)];
            };
        right += hit ? 1 : 0;
      }
    }
    return right / (double) items.length;
  }

  private void score(LabelledBatch batch, int task) {
    int count = batch.labels().length * learner.classes();
    if (scores.length < count) {
      scores = new double[Math.max(count, backbone.batch() * learner.classes())];
    }
    if (task >= 0 && plan.tasksAreWindows() && task < learner.tasks()) {
      learner.predict(batch.inputs(), task, scores);
    } else {
      learner.predict(batch.inputs(), scores);
    }
  }

  private boolean[] ownClasses(int task, int classes) {
    boolean[] own = new boolean[classes];
    plan.tasks().get(task).classes().stream()
        .mapToInt(label -> plan.places()[label])
        .filter(place -> place >= 0 && place < classes)
        .forEach(place -> own[place] = true);
    return own;
  }

  /** The candidate with the greatest score in a row; of equal ones the first. */
  private int best(int start, boolean[] candidates) {
    int best = -1;
    for (int c = 0; c < candidates.length; c++) {
      if (candidates[c] && (best < 0 || scores[start + c] > scores[start + best])) {
        best = c;
      }
    }
    return best;
  }
}

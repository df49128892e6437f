package io.acclimate.actors.metrics;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A task of the learner in the background was decided on. */
@Name("io.acclimate.LearnerDecision")
@Label("Learner decision")
@Category("Acclimate")
@Description("The learner in the background has decided what becomes of a task")
@StackTrace(false)
final class LearnerDecisionEvent extends Event {
  @Label("Task")
  @Description("The number of the task, from 0")
  long task;

  @Label("Name")
  @Description("The task's name")
  String name;

  @Label("Verdict")
  @Description("promoted, shadow, refused, diverged or failed")
  String verdict;

  @Label("Cause")
  @Description("passed, least-accuracy, least-gain, most-forgetting, not-finite or not-learned")
  String cause;

  @Label("Reason")
  String reason;

  @Label("Accuracy")
  @Description("On held-out samples; not a number when it was not measured")
  double accuracy;

  @Label("Baseline")
  @Description("The accuracy on them of what served before; likewise")
  double baseline;

  @Label("Forgetting")
  @Description("The most that an earlier task has lost; not a number without earlier tasks")
  double forgetting;
}

package io.acclimate.actors.metrics;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** The learner in the background took a step. */
@Name("io.acclimate.LearnerStep")
@Label("Learner step")
@Category("Acclimate")
@Description("The learner in the background has learned a batch, or refused it")
@StackTrace(false)
final class LearnerStepEvent extends Event {
  @Label("Task")
  @Description("The number of the task, from 0")
  long task;

  @Label("Step")
  @Description("The number of the step in the task, from 1")
  long step;

  @Label("Steps")
  @Description("The steps that the task takes")
  long steps;

  @Label("Loss")
  @Description("Before the step")
  double loss;

  @Label("Refusal")
  @Description("Why the batch was refused; empty when it was learned")
  String refusal;
}

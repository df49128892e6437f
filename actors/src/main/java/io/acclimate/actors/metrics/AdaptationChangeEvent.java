package io.acclimate.actors.metrics;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A stream's method was reset or set back, or another one speaks. */
@Name("io.acclimate.Adaptation")
@Label("Adaptation")
@Category("Acclimate")
@Description("A stream's method was reset or set back, or another of several methods speaks")
@StackTrace(false)
final class AdaptationChangeEvent extends Event {
  @Label("Stream")
  String stream;

  @Label("Kind")
  @Description("reset, rollback, choice, freeze, unfreeze or restart")
  String kind;

  @Label("Subject")
  @Description("The method chosen, or whose doing a reset was")
  String subject;

  @Label("Reason")
  String reason;
}

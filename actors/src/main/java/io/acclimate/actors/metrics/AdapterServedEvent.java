package io.acclimate.actors.metrics;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** Another adapter of the learner serves. */
@Name("io.acclimate.AdapterServed")
@Label("Adapter served")
@Category("Acclimate")
@Description("What serves under the name of the learner's adapter")
@StackTrace(false)
final class AdapterServedEvent extends Event {
  @Label("Adapter")
  @Description("Empty when the frozen model serves")
  String adapter;

  @Label("Version")
  @Description("0 when the frozen model serves")
  long version;

  @Label("Bank version")
  @Description("The version of the bank that says so")
  long bankVersion;

  @Label("Change")
  @Description("start, promotion, revert or rollback")
  String change;

  @Label("Reason")
  String reason;
}

package io.acclimate.actors.metrics;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/** A stream's method was shown a batch to learn from. */
@Name("io.acclimate.StreamLearning")
@Label("Stream learning")
@Category("Acclimate")
@Description("A stream's method answered a batch and was shown it to learn from")
@StackTrace(false)
final class StreamLearningEvent extends Event {
  @Label("Stream")
  String stream;

  @Label("Batch")
  @Description("The number of the batch in its stream")
  long batch;

  @Label("Method")
  String method;

  @Label("Correction")
  @Description("The time of answering and learning together, without the forward pass")
  @Timespan(Timespan.NANOSECONDS)
  long correction;

  @Label("Fallback")
  @Description("Why the answer was the frozen model's; empty when it was the method's")
  String fallback;
}

package io.acclimate.actors.metrics;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/** A batch was answered. */
@Name("io.acclimate.Inference")
@Label("Inference")
@Category("Acclimate")
@Description("A batch was answered")
@StackTrace(false)
final class InferenceEvent extends Event {
  @Label("Stream")
  String stream;

  @Label("Batch")
  @Description("The number of the batch in its stream")
  long batch;

  @Label("Samples")
  int samples;

  @Label("Method")
  String method;

  @Label("Waiting")
  @Timespan(Timespan.NANOSECONDS)
  long waiting;

  @Label("Inference")
  @Timespan(Timespan.NANOSECONDS)
  long inference;

  @Label("Total")
  @Timespan(Timespan.NANOSECONDS)
  long total;
}

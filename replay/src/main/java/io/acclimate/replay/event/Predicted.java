package io.acclimate.replay.event;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A batch was answered.
 *
 * @param stream the stream's id
 * @param batch the number of the batch in its stream, from 0
 * @param method the method that answered
 * @param modelSha256 the frozen model
 * @param adapter id and version of the adapter in use; empty without one
 * @param steps updates that the method's state had seen before this batch
 * @param labels the answer, {@code [size]}
 * @param frozenLabels the frozen model's answer, {@code [size]}
 * @param probabilities {@code [size, classes]}, where the policy keeps them
 * @param fallback why the frozen output was given instead of the method's; empty in the normal case
 * @param events resets and choices of the method since the batch before
 * @param forwards forward passes of the model for this batch
 * @param backwards backward passes of the model for this batch
 * @param nanos time from request to answer in nanoseconds
 */
public record Predicted(
    String stream,
    long batch,
    String method,
    String modelSha256,
    String adapter,
    long steps,
    int[] labels,
    int[] frozenLabels,
    Optional<FloatArray> probabilities,
    String fallback,
    List<MethodEvent> events,
    int forwards,
    int backwards,
    long nanos)
    implements JournalEvent {

  @Override
  public boolean equals(Object other) {
    return other instanceof Predicted that
        && stream.equals(that.stream)
        && batch == that.batch
        && method.equals(that.method)
        && modelSha256.equals(that.modelSha256)
        && adapter.equals(that.adapter)
        && steps == that.steps
        && Arrays.equals(labels, that.labels)
        && Arrays.equals(frozenLabels, that.frozenLabels)
        && probabilities.equals(that.probabilities)
        && fallback.equals(that.fallback)
        && events.equals(that.events)
        && forwards == that.forwards
        && backwards == that.backwards
        && nanos == that.nanos;
  }

  @Override
  public int hashCode() {
    return 31 * (31 * stream.hashCode() + Long.hashCode(batch)) + Arrays.hashCode(labels);
  }
}

package io.acclimate.replay.event;

import java.util.Arrays;

/**
 * True labels came in for a batch that was answered earlier.
 *
 * @param stream the stream's id
 * @param batch the number of the batch in its stream
 * @param labels the true classes, {@code [size]}; -1 where a label is unknown
 */
public record FeedbackReceived(String stream, long batch, int[] labels) implements JournalEvent {
  @Override
  public boolean equals(Object other) {
    return other instanceof FeedbackReceived that
        && stream.equals(that.stream)
        && batch == that.batch
        && Arrays.equals(labels, that.labels);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * stream.hashCode() + Long.hashCode(batch)) + Arrays.hashCode(labels);
  }
}

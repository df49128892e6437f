package io.acclimate.replay.event;

import java.util.Arrays;
import java.util.Optional;

/**
 * A batch reached a stream. Which of the arrays are kept is a matter of policy: the input alone
 * means running the model again at replay, logits and features mean doing without it.
 *
 * @param stream the stream's id
 * @param batch the number of the batch in its stream, from 0
 * @param size the number of samples
 * @param learned whether the method learned from it; if not, its state is as before
 * @param labels the true labels where the method was shown them, {@code [size]}; else empty
 * @param input {@code [size, ...]} as the model takes it
 * @param logits {@code [size, classes]} as the frozen model gave them
 * @param features {@code [size, d]} as the frozen model gave them
 */
public record BatchObserved(
    String stream,
    long batch,
    int size,
    boolean learned,
    int[] labels,
    Optional<FloatArray> input,
    Optional<FloatArray> logits,
    Optional<FloatArray> features)
    implements JournalEvent {

  /** The same batch without its input. */
  public BatchObserved withoutInput() {
    return input.isEmpty()
        ? this
        : new BatchObserved(
            stream, batch, size, learned, labels, Optional.empty(), logits, features);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof BatchObserved that
        && stream.equals(that.stream)
        && batch == that.batch
        && size == that.size
        && learned == that.learned
        && Arrays.equals(labels, that.labels)
        && input.equals(that.input)
        && logits.equals(that.logits)
        && features.equals(that.features);
  }

  @Override
  public int hashCode() {
    return 31 * stream.hashCode() + Long.hashCode(batch);
  }
}

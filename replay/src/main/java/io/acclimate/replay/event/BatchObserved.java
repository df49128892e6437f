package io.acclimate.replay.event;

import java.util.Optional;

/**
 * A batch reached a stream. Which of the arrays are kept is a matter of policy: the input alone
 * means running the model again at replay, logits and features mean doing without it.
 *
 * @param stream the stream's id
 * @param batch the number of the batch in its stream, from 0
 * @param size the number of samples
 * @param input {@code [size, ...]} as the model takes it
 * @param logits {@code [size, classes]} as the frozen model gave them
 * @param features {@code [size, d]} as the frozen model gave them
 */
public record BatchObserved(
    String stream,
    long batch,
    int size,
    Optional<FloatArray> input,
    Optional<FloatArray> logits,
    Optional<FloatArray> features)
    implements JournalEvent {

  /** The same batch without its input. */
  public BatchObserved withoutInput() {
    return input.isEmpty()
        ? this
        : new BatchObserved(stream, batch, size, Optional.empty(), logits, features);
  }
}

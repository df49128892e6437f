package io.acclimate.actors;

import io.acclimate.tta.AdaptationEvent;
import java.util.List;
import java.util.Optional;

/**
 * The answer to one batch. The arrays belong to the caller.
 *
 * @param sequence the number of the batch in its stream, from 0
 * @param stream the stream's id
 * @param size the number of samples
 * @param classes the number of classes
 * @param probabilities {@code [size, classes]}, row by row
 * @param labels the most probable class of each sample, {@code [size]}
 * @param frozenLabels the same without the method, but with the adapter, {@code [size]}
 * @param method the method that made the answer
 * @param modelSha256 the frozen model that made it
 * @param adapter the adapter that made it; empty for the frozen model alone
 * @param fallback why the frozen output was given instead of the method's or the adapter's; empty
 *     in the normal case
 * @param events resets and choices of the method since the batch before
 * @param timings where the time went
 */
public record Prediction(
    long sequence,
    String stream,
    int size,
    int classes,
    float[] probabilities,
    int[] labels,
    int[] frozenLabels,
    String method,
    String modelSha256,
    Optional<ServedAdapter> adapter,
    Optional<String> fallback,
    List<AdaptationEvent> events,
    Timings timings) {
  /** So many digits may be too large for a number. */
  private static final int MAX_DIGITS = 19;

  /**
   * The name of this prediction, for {@link AdaptiveStream#feedback}: the stream's id, a slash and
   * the number of the batch. Labels are given for the whole batch, or row by row.
   */
  public String predictionId() {
    return id(stream, sequence);
  }

  /** The name of the prediction for a batch of a stream. */
  public static String id(String stream, long sequence) {
    return stream + "/" + sequence;
  }

  /** The number of the batch in an id; -1 when it is none of this stream. */
  public static long sequence(String stream, String id) {
    String number = id.startsWith(stream + "/") ? id.substring(stream.length() + 1) : "";
    boolean digits = !number.isEmpty() && number.chars().allMatch(c -> c >= '0' && c <= '9');
    return digits && number.length() < MAX_DIGITS ? Long.parseLong(number) : -1;
  }
}

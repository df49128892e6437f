package io.acclimate.actors;

import io.acclimate.tta.OutputCorrector;
import java.util.Map;
import java.util.Optional;

/**
 * What a stream has done since it was opened, and how it stands. The parts are read one after
 * another while the stream goes on, so sums may differ by the batches in between.
 *
 * @param counts what has happened how often
 * @param resets how often the method was made new or set back, by whose doing: the subjects of
 *     {@link io.acclimate.tta.AdaptationEvent}
 * @param feedback labels that came in
 * @param recent averages over the latest samples
 * @param latency from call to answer
 * @param choice which of several methods speaks and why; empty for a method that knows but one
 * @param frozen whether the stream learns no more
 * @param adapter what the stream is served with
 * @param lastError why the latest batch failed that did; empty when none has
 */
public record StreamStats(
    Counts counts,
    Map<String, Long> resets,
    FeedbackStats feedback,
    RecentStats recent,
    LatencyStats latency,
    Optional<OutputCorrector.Choice> choice,
    boolean frozen,
    AdapterChoice adapter,
    Optional<String> lastError) {
  /**
   * What has happened how often.
   *
   * @param batches batches answered
   * @param samples samples answered
   * @param learned batches that the method was shown to learn from
   * @param forwards forward passes of the model
   * @param backwards backward passes of the model
   * @param resets times the method was made new or set back
   * @param fallbacks batches answered with the frozen output in the method's place
   * @param rejected batches refused because too many were under way
   * @param failed batches that ended with an error
   * @param quarantined batches set aside because model or method failed on them twice
   */
  public record Counts(
      long batches,
      long samples,
      long learned,
      long forwards,
      long backwards,
      long resets,
      long fallbacks,
      long rejected,
      long failed,
      long quarantined) {}
}

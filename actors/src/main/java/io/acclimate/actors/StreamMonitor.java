package io.acclimate.actors;

import io.acclimate.tta.AdaptationEvent;
import io.acclimate.tta.OutputCorrector;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.AbstractHistogram;
import org.HdrHistogram.IntCountsHistogram;

/**
 * Watches one stream for its {@link StreamStats}. Written by the stream's agent, read by anybody;
 * it outlives restarts of the agent. Thread-safe.
 */
final class StreamMonitor {
  private static final int MAX_QUARANTINED = 16;
  private static final int LATENCY_DIGITS = 2;

  final StreamCounters counters = new StreamCounters();
  private final int classes;
  private final double memory;
  private final AbstractHistogram latency = new IntCountsHistogram(LATENCY_DIGITS);
  private final Map<String, Long> resets = new TreeMap<>();
  private final Deque<QuarantinedBatch> quarantined = new ArrayDeque<>();
  private final double[] labels;
  private double weight;
  private double entropy;
  private double differing;
  private double labelled;
  private double right;
  private FeedbackStats feedback = FeedbackStats.NONE;
  private Optional<OutputCorrector.Choice> choice = Optional.empty();
  private Optional<String> lastError = Optional.empty();
  private boolean frozen;
  private AdapterChoice adapter = AdapterChoice.FROZEN;

  /**
   * @param recentSamples samples after which a sample's weight in recent averages is 1/e
   */
  StreamMonitor(int classes, int recentSamples) {
    this.classes = classes;
    this.memory = recentSamples;
    this.labels = new double[classes];
  }

  /** A batch was answered. */
  synchronized void answered(Prediction prediction, Optional<OutputCorrector.Choice> now) {
    long micros = TimeUnit.NANOSECONDS.toMicros(prediction.timings().totalNanos());
    latency.recordValue(Math.max(0, micros));
    choice = now;
    double keep = Math.exp(-prediction.size() / memory);
    weight = weight * keep + prediction.size();
    entropy *= keep;
    differing *= keep;
    for (int c = 0; c < classes; c++) {
      labels[c] *= keep;
    }
    for (int i = 0; i < prediction.size(); i++) {
      follow(prediction.probabilities(), i * classes);
      differing += prediction.labels()[i] == prediction.frozenLabels()[i] ? 0 : 1;
    }
    for (AdaptationEvent event : prediction.events()) {
      if (event.kind() != AdaptationEvent.Kind.CHOICE) {
        counters.resets.increment();
        resets.merge(event.subject(), 1L, Long::sum);
      }
    }
  }

  private void follow(float[] probabilities, int row) {
    for (int c = 0; c < classes; c++) {
      float p = probabilities[row + c];
      labels[c] += p;
      entropy -= p > 0 ? p * Math.log(p) : 0;
    }
  }

  /** Labels came in. */
  synchronized void feedback(PendingFeedback.Taken taken) {
    FeedbackOutcome outcome = taken.outcome();
    feedback =
        new FeedbackStats(
            feedback.accepted() + (outcome == FeedbackOutcome.ACCEPTED ? 1 : 0),
            feedback.duplicate() + (outcome == FeedbackOutcome.DUPLICATE ? 1 : 0),
            feedback.unknown() + (outcome == FeedbackOutcome.UNKNOWN ? 1 : 0),
            feedback.expired() + (outcome == FeedbackOutcome.EXPIRED ? 1 : 0),
            feedback.samples() + taken.fresh(),
            feedback.correct() + taken.correct(),
            feedback.frozenCorrect() + taken.frozenCorrect());
    double keep = Math.exp(-taken.fresh() / memory);
    labelled = labelled * keep + taken.fresh();
    right = right * keep + taken.correct();
  }

  /** A batch ended with an error. */
  synchronized void failed(String message) {
    counters.failed.increment();
    lastError = Optional.of(message);
  }

  /** Something went wrong that ended no batch. */
  synchronized void noteError(String message) {
    lastError = Optional.of(message);
  }

  /** A batch was set aside; the latest ones are remembered. */
  synchronized void quarantined(QuarantinedBatch batch) {
    counters.quarantined.increment();
    lastError = Optional.of(batch.reason());
    if (quarantined.size() == MAX_QUARANTINED) {
      quarantined.removeFirst();
    }
    quarantined.addLast(batch);
  }

  synchronized List<QuarantinedBatch> quarantined() {
    return List.copyOf(quarantined);
  }

  synchronized void freeze(boolean value) {
    frozen = value;
  }

  synchronized boolean isFrozen() {
    return frozen;
  }

  synchronized void serveWith(AdapterChoice choice) {
    adapter = choice;
  }

  synchronized AdapterChoice adapter() {
    return adapter;
  }

  synchronized StreamStats stats() {
    return new StreamStats(
        counters.snapshot(),
        Map.copyOf(resets),
        feedback,
        recent(),
        latency(),
        choice,
        frozen,
        adapter,
        lastError);
  }

  private RecentStats recent() {
    double divisor = weight == 0 ? 1 : weight;
    double[] distribution = new double[classes];
    for (int c = 0; c < classes; c++) {
      distribution[c] = labels[c] / divisor;
    }
    OptionalDouble accuracy =
        labelled == 0 ? OptionalDouble.empty() : OptionalDouble.of(right / labelled);
    return new RecentStats(weight, entropy / divisor, differing / divisor, distribution, accuracy);
  }

  private LatencyStats latency() {
    return new LatencyStats(
        latency.getTotalCount(),
        latency.getValueAtPercentile(50),
        latency.getValueAtPercentile(90),
        latency.getValueAtPercentile(99),
        latency.getValueAtPercentile(99.9),
        latency.getMaxValue());
  }
}

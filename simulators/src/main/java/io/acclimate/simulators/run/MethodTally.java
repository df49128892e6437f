package io.acclimate.simulators.run;

import io.acclimate.actors.Prediction;
import io.acclimate.actors.StreamStats;
import io.acclimate.replay.event.Predicted;
import io.acclimate.runtime.method.MethodDescriptor;
import io.acclimate.runtime.text.Names;
import io.acclimate.simulators.report.Report;
import io.acclimate.simulators.shift.Domain;
import io.acclimate.simulators.shift.Segment;
import io.acclimate.simulators.shift.StreamPlan;
import io.acclimate.tta.AdaptationEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.ToLongFunction;
import org.HdrHistogram.Histogram;

/** Counts what one method got right on one stream, by domain and over time. Not thread-safe. */
final class MethodTally {
  private static final double NANOS_PER_MILLI = 1e6;
  private static final long MAX_LATENCY_NANOS = 3_600_000_000_000L;

  private static final String CHOICE = Names.kebab(AdaptationEvent.Kind.CHOICE);

  private final String name;
  private final MethodDescriptor descriptor;
  private final StreamPlan plan;
  private final int windowSamples;
  private final ArrivalClock clock;
  private final int[][] seenOfDomain;
  private final int[][] rightOfDomain;
  private final List<Report.Window> windows = new ArrayList<>();
  private final List<Report.Reset> resets = new ArrayList<>();
  private final List<Report.Choice> choices = new ArrayList<>();
  private final Histogram latency = new Histogram(MAX_LATENCY_NANOS, 3);
  private int seen;
  private int right;
  private int windowSeen;
  private int windowRight;
  private long nanos;
  private long replayedBatches;
  private long replayedForwards;
  private long replayedBackwards;
  private int fallbacks;
  private String firstFallback = "";

  MethodTally(
      String name,
      MethodDescriptor descriptor,
      StreamPlan plan,
      int windowSamples,
      ArrivalClock clock) {
    this.name = name;
    this.descriptor = descriptor;
    this.plan = plan;
    this.windowSamples = windowSamples;
    this.clock = clock;
    this.seenOfDomain = new int[plan.segments().size()][];
    this.rightOfDomain = new int[plan.segments().size()][];
    for (int s = 0; s < seenOfDomain.length; s++) {
      int domains = plan.segments().get(s).domains().size();
      seenOfDomain[s] = new int[domains];
      rightOfDomain[s] = new int[domains];
    }
  }

  String name() {
    return name;
  }

  ArrivalClock clock() {
    return clock;
  }

  double accuracy() {
    return seen == 0 ? 0 : right / (double) seen;
  }

  /** Judges one batch. */
  void add(int start, int[] labels, Prediction prediction) {
    prediction.events().forEach(e -> note(start, Names.kebab(e.kind()), e.subject(), e.reason()));
    prediction.fallback().ifPresent(this::noteFallback);
    judge(start, labels, prediction.labels(), prediction.timings().totalNanos());
  }

  /** Judges one batch that was answered before the run was gone on from. */
  void replay(int start, int[] labels, Predicted answer) {
    answer.events().forEach(e -> note(start, e.kind(), e.subject(), e.reason()));
    if (!answer.fallback().isEmpty()) {
      noteFallback(answer.fallback());
    }
    if (clock.admits(answer.batch())) {
      clock.learned(answer.batch(), answer.forwards(), answer.backwards());
    }
    replayedBatches++;
    replayedForwards += answer.forwards();
    replayedBackwards += answer.backwards();
    judge(start, labels, answer.labels(), answer.nanos());
  }

  private void judge(int start, int[] labels, int[] answer, long batchNanos) {
    nanos += batchNanos;
    latency.recordValue(Math.min(batchNanos, MAX_LATENCY_NANOS));
    for (int i = 0; i < labels.length; i++) {
      StreamPlan.Item item = plan.item(start + i);
      int domain = plan.segments().get(item.segment()).domains().indexOf(item.domain());
      int hit = answer[i] == labels[i] ? 1 : 0;
      seenOfDomain[item.segment()][domain]++;
      rightOfDomain[item.segment()][domain] += hit;
      seen++;
      right += hit;
      windowSeen++;
      windowRight += hit;
      if (windowSeen == windowSamples || seen == plan.start(item.segment() + 1)) {
        closeWindow();
      }
    }
  }

  private void noteFallback(String reason) {
    if (fallbacks++ == 0) {
      firstFallback = reason;
    }
  }

  /** Says that batches were answered in the method's place; empty when none was. */
  String note() {
    return fallbacks == 0
        ? ""
        : "%s: batches answered with the frozen output: %d, the first because of %s"
            .formatted(name, fallbacks, firstFallback);
  }

  private void note(int sample, String kind, String subject, String reason) {
    if (kind.equals(CHOICE)) {
      choices.add(new Report.Choice(sample, subject, reason));
    } else {
      resets.add(new Report.Reset(sample, kind, reason));
    }
  }

  private void closeWindow() {
    windows.add(new Report.Window(seen, windowSeen, windowRight / (double) windowSeen));
    windowSeen = 0;
    windowRight = 0;
  }

  /**
   * The result so far.
   *
   * @param stats missing where the stream had ended before the run
   * @param stateBytes the size of the stream's snapshot, 0 there
   */
  Report.MethodResult result(Optional<StreamStats.Counts> stats, long stateBytes) {
    if (windowSeen > 0) {
      closeWindow();
    }
    double batches = Math.max(1, replayedBatches + count(stats, StreamStats.Counts::batches));
    return new Report.MethodResult(
        name,
        descriptor.name(),
        Names.kebab(descriptor.kind()),
        accuracy(),
        seen,
        domains(),
        List.copyOf(windows),
        nanos == 0 ? 0 : seen / (nanos / 1e9),
        new Report.Latency(millis(50), millis(95), millis(99)),
        (replayedForwards + count(stats, StreamStats.Counts::forwards)) / batches,
        (replayedBackwards + count(stats, StreamStats.Counts::backwards)) / batches,
        stateBytes,
        resets.size(),
        fallbacks,
        clock.missed(),
        List.copyOf(resets),
        List.copyOf(choices));
  }

  private static long count(
      Optional<StreamStats.Counts> stats, ToLongFunction<StreamStats.Counts> which) {
    return stats.map(which::applyAsLong).orElse(0L);
  }

  private double millis(double percentile) {
    return latency.getValueAtPercentile(percentile) / NANOS_PER_MILLI;
  }

  private List<Report.DomainResult> domains() {
    List<Report.DomainResult> results = new ArrayList<>();
    for (int s = 0; s < plan.segments().size(); s++) {
      Segment segment = plan.segments().get(s);
      boolean mixed = segment.domains().size() > 1;
      for (int d = 0; d < segment.domains().size(); d++) {
        Domain domain = segment.domains().get(d);
        int samples = seenOfDomain[s][d];
        results.add(
            new Report.DomainResult(
                domain.corruption(),
                domain.severity(),
                segment.visit(),
                mixed ? null : plan.start(s),
                samples,
                samples == 0 ? 0 : rightOfDomain[s][d] / (double) samples));
      }
    }
    return results;
  }
}

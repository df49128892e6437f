package io.acclimate.actors.serve;

import io.acclimate.actors.FeedbackStats;
import io.acclimate.actors.RecentStats;
import io.acclimate.actors.ServedStream;
import io.acclimate.actors.StreamStats;
import io.acclimate.tta.OutputCorrector;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;

/** A stream as clients see it, for JSON. */
final class StreamView {
  private StreamView() {}

  static Map<String, Object> of(ServedStream stream, StreamStats stats) {
    Map<String, Object> view = new LinkedHashMap<>();
    view.put("stream", stream.id());
    view.put("method", stream.method());
    view.put("adapter", stats.adapter().text());
    view.put("choice", stats.choice().map(OutputCorrector.Choice::method).orElse(null));
    view.put("reason", stats.choice().map(OutputCorrector.Choice::reason).orElse(null));
    view.put("frozen", stats.frozen());
    view.put("counts", stats.counts());
    view.put("resets", stats.resets());
    view.put("feedback", feedback(stats.feedback()));
    view.put("recent", recent(stats.recent()));
    view.put("latency", stats.latency());
    view.put("last_error", stats.lastError().orElse(null));
    return view;
  }

  private static Map<String, Object> feedback(FeedbackStats feedback) {
    Map<String, Object> view = new LinkedHashMap<>();
    view.put("samples", feedback.samples());
    view.put("accuracy", number(feedback.accuracy()));
    view.put("frozen_accuracy", number(feedback.frozenAccuracy()));
    view.put("expired", feedback.expired());
    view.put("unknown", feedback.unknown());
    return view;
  }

  private static Map<String, Object> recent(RecentStats recent) {
    Map<String, Object> view = new LinkedHashMap<>();
    view.put("entropy", recent.meanEntropy());
    view.put("disagreement", recent.disagreement());
    view.put("accuracy", number(recent.accuracy()));
    view.put("labels", recent.labelDistribution());
    return view;
  }

  private static Double number(OptionalDouble value) {
    return value.isPresent() ? value.getAsDouble() : null;
  }
}

package io.acclimate.actors.metrics;

import io.acclimate.actors.Prediction;
import io.acclimate.actors.RuntimeListener;
import io.acclimate.runtime.text.Names;
import io.acclimate.tta.AdaptationEvent;

/**
 * Writes what happens in a runtime as events of the JDK's flight recorder: {@code
 * io.acclimate.Inference}, {@code io.acclimate.Learning} and {@code io.acclimate.Adaptation}. Costs
 * next to nothing while nobody records. Thread-safe.
 */
public final class FlightRecording implements RuntimeListener {
  @Override
  public void predicted(Prediction prediction, boolean learned) {
    recordInference(prediction);
    if (learned) {
      recordLearning(prediction);
    }
    for (AdaptationEvent event : prediction.events()) {
      if (!event.subject().equals(AdaptationEvent.CALLER)) {
        recordChange(
            prediction.stream(), Names.kebab(event.kind()), event.subject(), event.reason());
      }
    }
  }

  private static void recordInference(Prediction prediction) {
    InferenceEvent event = new InferenceEvent();
    if (event.shouldCommit()) {
      event.stream = prediction.stream();
      event.batch = prediction.sequence();
      event.samples = prediction.size();
      event.method = prediction.method();
      event.waiting = prediction.timings().waitingNanos();
      event.inference = prediction.timings().inferenceNanos();
      event.total = prediction.timings().totalNanos();
      event.commit();
    }
  }

  private static void recordLearning(Prediction prediction) {
    LearningEvent event = new LearningEvent();
    if (event.shouldCommit()) {
      event.stream = prediction.stream();
      event.batch = prediction.sequence();
      event.method = prediction.method();
      event.correction = prediction.timings().correctionNanos();
      event.fallback = prediction.fallback().orElse("");
      event.commit();
    }
  }

  @Override
  public void reset(String stream, String reason) {
    recordChange(stream, "reset", AdaptationEvent.CALLER, reason);
  }

  @Override
  public void frozen(String stream, boolean frozen) {
    recordChange(stream, frozen ? "freeze" : "unfreeze", AdaptationEvent.CALLER, "asked for");
  }

  @Override
  public void restarted(String stream, String reason) {
    recordChange(stream, "restart", AdaptationEvent.FAILURE, reason);
  }

  private static void recordChange(String stream, String kind, String subject, String reason) {
    AdaptationChangeEvent event = new AdaptationChangeEvent();
    if (event.shouldCommit()) {
      event.stream = stream;
      event.kind = kind;
      event.subject = subject;
      event.reason = reason;
      event.commit();
    }
  }
}

package io.acclimate.actors.metrics;

import io.acclimate.actors.Prediction;
import io.acclimate.actors.RuntimeListener;
import io.acclimate.actors.learn.LearnerEvent;
import io.acclimate.actors.learn.TaskDecision;
import io.acclimate.bank.AdapterRef;
import io.acclimate.runtime.text.Names;
import io.acclimate.tta.AdaptationEvent;

/**
 * Writes what happens in a runtime as events of the JDK's flight recorder: of streams {@code
 * io.acclimate.Inference}, {@code io.acclimate.StreamLearning} and {@code io.acclimate.Adaptation},
 * of the learner in the background {@code io.acclimate.LearnerStep}, {@code
 * io.acclimate.LearnerDecision} and {@code io.acclimate.AdapterServed}. Costs next to nothing while
 * nobody records. Thread-safe.
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
    StreamLearningEvent event = new StreamLearningEvent();
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

  @Override
  public void learner(LearnerEvent event) {
    if (event instanceof LearnerEvent.Step step) {
      recordStep(step);
    } else if (event instanceof LearnerEvent.Decided decided) {
      recordDecision(decided.decision());
    } else if (event instanceof LearnerEvent.Served served) {
      recordServed(served);
    }
  }

  private static void recordStep(LearnerEvent.Step step) {
    LearnerStepEvent event = new LearnerStepEvent();
    if (event.shouldCommit()) {
      event.task = step.task();
      event.step = step.step();
      event.steps = step.steps();
      event.loss = step.loss();
      event.refusal = step.refusal();
      event.commit();
    }
  }

  private static void recordDecision(TaskDecision decision) {
    LearnerDecisionEvent event = new LearnerDecisionEvent();
    if (event.shouldCommit()) {
      event.task = decision.task();
      event.name = decision.name();
      event.verdict = Names.kebab(decision.verdict());
      event.cause = Names.kebab(decision.cause());
      event.reason = decision.reason();
      event.accuracy = decision.measured() ? decision.accuracy() : Double.NaN;
      event.baseline = decision.measured() ? decision.baseline() : Double.NaN;
      event.forgetting = decision.mostForgetting().orElse(Double.NaN);
      event.commit();
    }
  }

  private static void recordServed(LearnerEvent.Served served) {
    AdapterServedEvent event = new AdapterServedEvent();
    if (event.shouldCommit()) {
      event.adapter = served.adapter().map(AdapterRef::id).orElse("");
      event.version = served.adapter().map(AdapterRef::version).orElse(0L);
      event.bankVersion = served.bankVersion();
      event.change = Names.kebab(served.change());
      event.reason = served.reason();
      event.commit();
    }
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

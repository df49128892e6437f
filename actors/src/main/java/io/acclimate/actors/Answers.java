package io.acclimate.actors;

import io.acclimate.runtime.Rows;
import io.acclimate.tta.Adaptation;
import io.acclimate.tta.OutputBatch;

/** Makes a stream's predictions and counts them. Not thread-safe. */
final class Answers {
  private final StreamSetup setup;

  Answers(StreamSetup setup) {
    this.setup = setup;
  }

  /**
   * Makes the answer to a batch.
   *
   * @param batch what the frozen model said
   * @param buffers hold what the method said
   * @param start when the method began, by the nanosecond clock
   */
  Prediction make(
      Request request,
      ModelOutput output,
      OutputBatch batch,
      CorrectionBuffers buffers,
      long start,
      StreamMethod.Outcome outcome,
      Adaptation adaptation) {
    double[] probabilities = outcome.setAside() ? batch.probabilities() : buffers.corrected();
    int classes = setup.model().classes();
    float[] copied = new float[output.size() * classes];
    for (int k = 0; k < copied.length; k++) {
      copied[k] = (float) probabilities[k];
    }
    long end = System.nanoTime();
    Timings timings =
        new Timings(
            output.startNanos() - request.submittedNanos(),
            output.endNanos() - output.startNanos(),
            end - start,
            end - request.submittedNanos());
    return new Prediction(
        request.sequence(),
        setup.id(),
        output.size(),
        classes,
        copied,
        Rows.argmax(probabilities, output.size(), classes),
        buffers.frozenLabels(),
        setup.method(),
        setup.model().model().sha256(),
        output.served(),
        outcome.alarm().or(output::problem),
        adaptation.drainEvents(),
        timings);
  }

  /** Counts an answer. */
  void count(
      Prediction prediction, boolean learned, StreamMethod.Outcome outcome, Adaptation adaptation) {
    StreamCounters counters = setup.monitor().counters;
    counters.batches.increment();
    counters.samples.add(prediction.size());
    counters.forwards.add(outcome.passes().forwards());
    counters.backwards.add(outcome.passes().backwards());
    if (learned) {
      counters.learned.increment();
    }
    if (prediction.fallback().isPresent()) {
      counters.fallbacks.increment();
    }
    setup.monitor().answered(prediction, adaptation.choice());
  }

  /** Tells the listeners of an answer that was handed over. */
  void tell(Prediction prediction, boolean learned, StreamMethod.Outcome outcome) {
    setup.listeners().tell(listener -> listener.predicted(prediction, learned));
    if (outcome.setAside()) {
      setAside(
          new QuarantinedBatch(setup.id(), prediction.sequence(), outcome.alarm().orElseThrow()));
    }
  }

  /** A batch that failed twice. */
  void setAside(QuarantinedBatch batch) {
    setup.monitor().quarantined(batch);
    setup.listeners().tell(listener -> listener.quarantined(batch));
  }
}

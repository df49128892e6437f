package io.acclimate.actors;

import io.acclimate.tta.Adaptation;
import io.acclimate.tta.OutputBatch;
import io.acclimate.tta.Passes;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * One stream's method. When it fails on a batch, a new one takes over from the last good snapshot
 * and gets the batch once more; a batch that fails twice is left to the frozen model. Not
 * thread-safe.
 */
final class StreamMethod implements AutoCloseable {
  private final String name;
  private final Supplier<Adaptation> source;
  private Adaptation adaptation;
  private Passes counted;

  StreamMethod(String name, Supplier<Adaptation> source) {
    this.name = name;
    this.source = source;
    this.adaptation = source.get();
    this.counted = adaptation.passes();
  }

  /**
   * How a batch went.
   *
   * @param alarm why the answer is the frozen model's; empty when it is the method's
   * @param renewed how the method failed, where it was made new
   * @param setAside whether it failed twice
   * @param passes how often the method itself ran the model
   */
  record Outcome(
      Optional<String> alarm, Optional<String> renewed, boolean setAside, Passes passes) {}

  /** Answers a batch into the buffers, and learns from it where asked to. */
  Outcome run(OutputBatch batch, CorrectionBuffers buffers, boolean learn) {
    try {
      Optional<String> alarm = attempt(batch, buffers, learn);
      return new Outcome(alarm, Optional.empty(), false, passes());
    } catch (RuntimeException | Error first) {
      renew(first);
      String reason = why(first);
      try {
        Optional<String> alarm = attempt(batch, buffers, learn);
        return new Outcome(alarm, Optional.of(reason), false, passes());
      } catch (RuntimeException | Error second) {
        renew(second);
        reason = why(second);
        return new Outcome(Optional.of(reason), Optional.of(reason), true, passes());
      }
    }
  }

  private Optional<String> attempt(OutputBatch batch, CorrectionBuffers buffers, boolean learn) {
    if (learn) {
      return adaptation.step(batch, buffers.corrected()).map(alarm -> name + ": " + alarm);
    }
    adaptation.predict(batch, buffers.corrected());
    buffers.requireProbabilities();
    return Optional.empty();
  }

  private String why(Throwable cause) {
    return name + ": " + (cause instanceof Error ? cause.toString() : cause.getMessage());
  }

  private void renew(Throwable cause) {
    Adaptation failed = adaptation;
    adaptation = source.get();
    adaptation.takeOver(failed, why(cause));
    counted = adaptation.passes();
    failed.close();
  }

  private Passes passes() {
    Passes own = adaptation.passes().since(counted);
    counted = adaptation.passes();
    return own;
  }

  Adaptation adaptation() {
    return adaptation;
  }

  @Override
  public void close() {
    adaptation.close();
  }
}

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
    } catch (RuntimeException first) {
      renew(first);
      String reason = name + ": " + first.getMessage();
      try {
        Optional<String> alarm = attempt(batch, buffers, learn);
        return new Outcome(alarm, Optional.of(reason), false, passes());
      } catch (RuntimeException second) {
        renew(second);
        reason = name + ": " + second.getMessage();
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

  private void renew(RuntimeException cause) {
    Adaptation failed = adaptation;
    adaptation = source.get();
    adaptation.takeOver(failed, name + ": " + cause.getMessage());
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

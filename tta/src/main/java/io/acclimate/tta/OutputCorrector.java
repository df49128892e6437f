package io.acclimate.tta;

import java.util.List;
import java.util.Optional;

/** Corrects the output of a frozen model, batch by batch; forward passes only. */
public interface OutputCorrector extends TestTimeMethod<OutputBatch> {
  /**
   * Which of several ways to answer the method would take now, and why; empty for methods that know
   * but one.
   */
  default Optional<Choice> choice() {
    return Optional.empty();
  }

  /**
   * The features that the model's last pass for an answer of {@link #predict} gave under what was
   * learned, {@code [size, features]}, row by row; empty for methods that leave them as they are,
   * and before the first answer. Valid until the next call of the method.
   */
  default Optional<double[]> features() {
    return Optional.empty();
  }

  /**
   * Why the method has made itself new by a rule of its own since the last call of this; empty in
   * the normal case. For reports, not part of the state.
   */
  default List<String> drainResets() {
    return List.of();
  }

  /**
   * A choice among methods.
   *
   * @param method the name of the method that speaks
   * @param reason what speaks for it, in words
   */
  record Choice(String method, String reason) {}
}

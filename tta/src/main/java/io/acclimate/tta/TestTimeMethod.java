package io.acclimate.tta;

import io.acclimate.runtime.state.Stateful;

/**
 * A method that meets a stream at test time: it answers batches and learns from them, two things
 * that never mix. In which order they happen, and how often, is not the method's business but that
 * of the {@link Protocol}, carried out by {@link Adaptation}.
 *
 * <p>Not thread-safe: one method object belongs to one stream. Deterministic: the same calls in the
 * same order give the same bits. Its whole state is saved and loaded, position of random generators
 * included.
 *
 * @param <B> what a batch is made of
 */
public interface TestTimeMethod<B> extends Stateful, AutoCloseable {
  /**
   * Answers one batch with what was learned so far. Learns nothing: the state is the same after.
   *
   * @param batch the batch, unchanged
   * @param probabilities receives {@code [size, classes]}, row by row; may be longer than that
   */
  void predict(B batch, double[] probabilities);

  /**
   * Learns from one batch without labels.
   *
   * @param batch the batch, unchanged
   */
  void adapt(B batch);

  /**
   * Answers one batch as {@link #predict} does and then learns from it as {@link #adapt} does; the
   * answers agree up to rounding, the state after it to the bit. Methods that see the answer while
   * they learn save a pass of the model.
   *
   * @param batch the batch, unchanged
   * @param probabilities receives {@code [size, classes]}, row by row; may be longer than that
   */
  default void predictAndAdapt(B batch, double[] probabilities) {
    predict(batch, probabilities);
    adapt(batch);
  }

  /** Forgets everything learned from the stream: the method is then as new. */
  void reset();

  /**
   * How far the method has moved the model's parameters: the length of the difference to the
   * source, relative to the length of the source. 0 for methods that move none.
   */
  default double distanceToSource() {
    return 0;
  }

  /** Frees what the method holds outside the heap. Closing twice does nothing. */
  @Override
  default void close() {
    // most methods hold nothing
  }

  /**
   * How often the method has run the model since it was made. A count for reports, not part of the
   * state.
   */
  default Passes passes() {
    return Passes.NONE;
  }
}

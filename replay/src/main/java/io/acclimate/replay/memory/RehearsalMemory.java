package io.acclimate.replay.memory;

import java.util.List;

/**
 * Keeps some of the samples it is offered. At any time it holds no more samples and no more bytes
 * than its capacity says. Not thread-safe; deterministic: the same seed and the same offers give
 * the same contents and draws.
 */
public interface RehearsalMemory {
  /**
   * Offers a sample, which may be kept in the place of others or not at all.
   *
   * @throws io.acclimate.runtime.AcclimateException when the sample alone is larger than the
   *     capacity, or lacks what the policy needs
   */
  void offer(Exemplar exemplar);

  /** What is kept, in an order of the policy's own. */
  List<Exemplar> contents();

  /**
   * Draws samples for rehearsal, none twice.
   *
   * @param count how many; all are given when there are fewer
   */
  List<Exemplar> draw(int count);

  /** How many samples are kept. */
  int size();

  /** The bytes they count. */
  long bytes();

  /** How many samples were offered so far. */
  long offered();

  /** The whole state, generator included; equal states give equal bytes. */
  byte[] save();

  /**
   * Takes the place of the present state; the capacity becomes the saved one.
   *
   * @throws io.acclimate.runtime.AcclimateException when the bytes are no state of this policy
   */
  void restore(byte[] state);
}

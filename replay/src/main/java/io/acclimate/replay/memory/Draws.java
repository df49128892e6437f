package io.acclimate.replay.memory;

import io.acclimate.runtime.SeedTree;
import org.apache.commons.rng.RestorableUniformRandomProvider;
import org.apache.commons.rng.core.RandomProviderDefaultState;

/** The random numbers of a memory, with a state that can be saved. */
interface Draws {
  /** A whole number from 0 to {@code n - 1}. */
  int below(int n);

  /** A number from 0 (included) to 1. */
  double uniform();

  byte[] save();

  void restore(byte[] state);

  /** Draws from a generator of the tree. */
  static Draws of(SeedTree seeds) {
    RestorableUniformRandomProvider random = seeds.generator();
    return new Draws() {
      @Override
      public int below(int n) {
        return random.nextInt(n);
      }

      @Override
      public double uniform() {
        return random.nextDouble();
      }

      @Override
      public byte[] save() {
        return ((RandomProviderDefaultState) random.saveState()).getState();
      }

      @Override
      public void restore(byte[] state) {
        random.restoreState(new RandomProviderDefaultState(state));
      }
    };
  }
}

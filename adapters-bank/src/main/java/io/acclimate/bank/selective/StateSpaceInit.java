package io.acclimate.bank.selective;

import io.acclimate.runtime.train.Init;

/** How Mamba starts the parameters of its state space. */
final class StateSpaceInit {
  private static final double LEAST_STEP = 1e-3;
  private static final double GREATEST_STEP = 0.1;

  private StateSpaceInit() {}

  /** Biases that softplus turns into steps drawn evenly on a logarithmic scale. */
  static Init stepBias() {
    double low = Math.log(LEAST_STEP);
    double high = Math.log(GREATEST_STEP);
    return Init.drawn(
        random -> {
          double step = Math.exp(low + (high - low) * random.nextDouble());
          return step + Math.log(-Math.expm1(-step));
        });
  }

  /** log 1, log 2, ... for the states of each channel. */
  static Init logDecay() {
    return Init.repeated(state -> Math.log(state + 1.0));
  }
}

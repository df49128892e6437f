package io.acclimate.bank.pet;

import io.acclimate.runtime.graph.Attributes;
import io.acclimate.runtime.graph.Ops;

/** The function between the two layers of a bottleneck. */
public enum Activation {
  /** max(x, 0). */
  RELU,
  /** x times the normal distribution function, exactly. */
  GELU;

  String apply(Ops ops, String x) {
    return this == RELU ? ops.relu(x) : ops.op("Gelu", Attributes.NONE, x);
  }
}

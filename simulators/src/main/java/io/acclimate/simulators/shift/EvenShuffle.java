package io.acclimate.simulators.shift;

import org.apache.commons.rng.UniformRandomProvider;

/** No shift of labels: samples come independently, as often as in the pool. */
public record EvenShuffle() implements LabelShift {
  @Override
  public int[] order(int[] labels, int classes, int n, UniformRandomProvider random) {
    return ClassPool.draw(labels, classes, n, random);
  }
}

package io.acclimate.simulators.shift;

import io.acclimate.runtime.AcclimateException;
import org.apache.commons.rng.UniformRandomProvider;

/**
 * A rule by which the labels of a stream differ from an even shuffle of the pool: in how often they
 * come, or in when. Rules are immutable and safe for all threads.
 */
public sealed interface LabelShift permits EvenShuffle, LongTailed, DirichletOrder, ClassBlocks {
  /**
   * Chooses samples and puts them in order. The same arguments and generator state give the same
   * order.
   *
   * @param labels the class of each sample of the pool, from 0 to {@code classes} - 1
   * @param classes the number of classes, at least 1
   * @param n how many samples are wanted, from 1 to the size of the pool; 0 for the whole pool
   * @param random the source of all choices
   * @return indices into the pool in stream order, each at most once; {@code n} of them, unless the
   *     rule says that they may be fewer
   * @throws AcclimateException if an argument is out of range or the rule cannot be met
   */
  int[] order(int[] labels, int classes, int n, UniformRandomProvider random);
}

package io.acclimate.simulators.shift;

import io.acclimate.runtime.AcclimateException;
import java.util.List;

/**
 * A part of a stream that draws its samples from one pool.
 *
 * @param domains where its samples come from, at least one; of several, each sample draws its own
 * @param visit how many times the stream has come here before: 0 the first time
 * @param samples how many are asked for, at least 1
 */
public record Segment(List<Domain> domains, int visit, int samples) {
  /**
   * Checks the ranges.
   *
   * @throws AcclimateException if they are not met
   */
  public Segment {
    domains = List.copyOf(domains);
    if (domains.isEmpty() || visit < 0 || samples < 1) {
      throw new AcclimateException(
          String.format(
              "segment: expected domains, a visit from 0 and samples from 1, found %s, %d and %d",
              domains, visit, samples));
    }
  }
}

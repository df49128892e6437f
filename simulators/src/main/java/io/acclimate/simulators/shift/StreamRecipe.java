package io.acclimate.simulators.shift;

import java.util.List;

/**
 * What a stream is to be, apart from its data and its seed.
 *
 * @param domains at least one
 * @param order the sequence of the domains
 * @param samplesPerDomain the length of one domain in the stream, from 1 to the size of the pool; 0
 *     for the whole pool
 * @param labelShift the order of the samples within each segment
 */
public record StreamRecipe(
    List<Domain> domains, DomainOrder order, int samplesPerDomain, LabelShift labelShift) {
  /** Copies the list. */
  public StreamRecipe {
    domains = List.copyOf(domains);
  }
}

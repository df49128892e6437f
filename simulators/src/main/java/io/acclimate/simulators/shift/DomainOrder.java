package io.acclimate.simulators.shift;

import io.acclimate.runtime.AcclimateException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** A rule for the sequence of domains in a stream. Rules are immutable, safe for all threads. */
public sealed interface DomainOrder {
  /**
   * Makes the segments of a stream.
   *
   * @param domains at least one
   * @param samplesPerDomain the length of one domain in the stream, at least 1
   * @return the segments in stream order
   * @throws AcclimateException if there are no domains or samples, or too few samples for the rule
   */
  List<Segment> segments(List<Domain> domains, int samplesPerDomain);

  /** One domain after another, a segment each. */
  record Sequential() implements DomainOrder {
    @Override
    public List<Segment> segments(List<Domain> domains, int samplesPerDomain) {
      return new Recurring(1).segments(domains, samplesPerDomain);
    }
  }

  /**
   * The sequence of domains comes several times, each time with samples drawn anew.
   *
   * @param visits how many times, from 1 to 10,000
   */
  record Recurring(int visits) implements DomainOrder {
    private static final int MAX_VISITS = 10_000;

    /**
     * Checks the range.
     *
     * @throws AcclimateException if it is not met
     */
    public Recurring {
      if (visits < 1 || visits > MAX_VISITS) {
        throw new AcclimateException("visits: expected from 1 to 10000, found " + visits);
      }
    }

    @Override
    public List<Segment> segments(List<Domain> domains, int samplesPerDomain) {
      requireDomains(domains);
      return IntStream.range(0, visits)
          .boxed()
          .flatMap(
              visit ->
                  domains.stream()
                      .map(domain -> new Segment(List.of(domain), visit, samplesPerDomain)))
          .toList();
    }
  }

  /**
   * Every corruption comes and goes through the severities 1, 2, 3, 4, 5, 4, 3, 2, 1, a segment
   * each, which share its samples. The severities of the domains do not count; clean is one
   * segment.
   */
  record Gradual() implements DomainOrder {
    private static final int[] SEVERITIES = {1, 2, 3, 4, 5, 4, 3, 2, 1};

    @Override
    public List<Segment> segments(List<Domain> domains, int samplesPerDomain) {
      requireDomains(domains);
      if (samplesPerDomain < SEVERITIES.length) {
        throw new AcclimateException(
            "samples per domain: expected 9 or more for a gradual order, found "
                + samplesPerDomain);
      }
      List<Segment> segments = new ArrayList<>();
      for (Domain domain : domains) {
        if (domain.isClean()) {
          segments.add(new Segment(List.of(domain), 0, samplesPerDomain));
        } else {
          segments.addAll(ramp(domain.corruption(), samplesPerDomain));
        }
      }
      return List.copyOf(segments);
    }

    /**
     * Step i ends at the sample (i + 1) / 9 of the way, so that the steps differ by one at most.
     */
    private static List<Segment> ramp(String corruption, int samples) {
      List<Segment> steps = new ArrayList<>();
      int start = 0;
      for (int i = 0; i < SEVERITIES.length; i++) {
        int end = (int) ((i + 1L) * samples / SEVERITIES.length);
        Domain domain = new Domain(corruption, SEVERITIES[i]);
        steps.add(new Segment(List.of(domain), 0, end - start));
        start = end;
      }
      return steps;
    }
  }

  /** Every sample draws its domain; one segment, as long as all domains together. */
  record Mixed() implements DomainOrder {
    @Override
    public List<Segment> segments(List<Domain> domains, int samplesPerDomain) {
      requireDomains(domains);
      long samples = (long) domains.size() * samplesPerDomain;
      if (samples > Integer.MAX_VALUE) {
        throw new AcclimateException(
            "mixed domains: expected at most 2147483647 samples, found " + samples);
      }
      return List.of(new Segment(domains, 0, (int) samples));
    }
  }

  private static void requireDomains(List<Domain> domains) {
    if (domains.isEmpty()) {
      throw new AcclimateException("domains: expected at least one, found none");
    }
  }
}

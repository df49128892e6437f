package io.acclimate.simulators.shift;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.SeedTree;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A whole stream, item by item: which sample comes when, in which domain. The same recipe, labels
 * and seed give the same plan.
 *
 * <p>Every segment draws from the pool anew, so a sample may come again in another segment, and in
 * a mixed segment in another domain, but never twice in the same domain of a segment. Immutable,
 * safe for all threads; memory is 8 bytes for each item.
 */
public final class StreamPlan {
  /** The largest array a JVM is sure to give. */
  private static final int MAX_ITEMS = Integer.MAX_VALUE - Long.BYTES;

  private final List<Segment> segments;
  private final int[] starts;
  private final int[] samples;
  private final int[] domains;

  /**
   * One step of the stream.
   *
   * @param sample the index in the pool
   * @param domain the condition it is seen in
   * @param segment the index of the segment
   */
  public record Item(int sample, Domain domain, int segment) {}

  private StreamPlan(List<Segment> segments, int[] starts, int[] samples, int[] domains) {
    this.segments = segments;
    this.starts = starts;
    this.samples = samples;
    this.domains = domains;
  }

  /**
   * Plans a stream.
   *
   * @param recipe what it is to be
   * @param labels the class of each sample of the pool, from 0 to {@code classes} - 1
   * @param classes the number of classes
   * @param seeds the branch of the plan's choices; each segment has a branch of its own
   * @param eachSegment runs before each segment is planned; what it throws ends the planning
   * @throws AcclimateException if the recipe asks for more samples than there are, or cannot be met
   */
  public static StreamPlan create(
      StreamRecipe recipe, int[] labels, int classes, SeedTree seeds, Runnable eachSegment) {
    int perDomain = recipe.samplesPerDomain() == 0 ? labels.length : recipe.samplesPerDomain();
    if (perDomain < 1 || perDomain > labels.length) {
      throw new AcclimateException(
          String.format(
              "samples per domain: expected from 1 to the pool's %d, found %d",
              labels.length, perDomain));
    }
    List<Segment> segments = recipe.order().segments(recipe.domains(), perDomain);
    requireCountable(segments);
    List<int[]> orders = new ArrayList<>();
    int[] starts = new int[segments.size() + 1];
    for (int s = 0; s < segments.size(); s++) {
      eachSegment.run();
      Segment segment = segments.get(s);
      int[] pool = repeat(labels, segment.domains().size());
      int[] order =
          recipe.labelShift().order(pool, classes, segment.samples(), seeds.child(s).generator());
      orders.add(order);
      starts[s + 1] = starts[s] + order.length;
    }
    int[] samples = orders.stream().flatMapToInt(Arrays::stream).toArray();
    int[] domains = new int[samples.length];
    for (int i = 0; i < samples.length; i++) {
      domains[i] = samples[i] / labels.length;
      samples[i] %= labels.length;
    }
    return new StreamPlan(segments, starts, samples, domains);
  }

  private static void requireCountable(List<Segment> segments) {
    long total = segments.stream().mapToLong(Segment::samples).sum();
    if (total > MAX_ITEMS) {
      throw new AcclimateException(
          "stream: expected at most " + MAX_ITEMS + " samples, found " + total);
    }
  }

  /** The pool seen in each of some domains: the index is domain x size of the pool + sample. */
  private static int[] repeat(int[] labels, int times) {
    if ((long) labels.length * times > MAX_ITEMS) {
      throw new AcclimateException(
          String.format(
              "mixed domains: expected at most %d samples in all domains, found %d x %d",
              MAX_ITEMS, labels.length, times));
    }
    int[] repeated = Arrays.copyOf(labels, labels.length * times);
    for (int i = labels.length; i < repeated.length; i++) {
      repeated[i] = labels[i % labels.length];
    }
    return repeated;
  }

  /** The number of items. */
  public int size() {
    return samples.length;
  }

  /**
   * One item.
   *
   * @param index the place in the stream, from 0 to {@link #size()} - 1
   * @throws IndexOutOfBoundsException if there is no such item
   */
  public Item item(int index) {
    int found = Arrays.binarySearch(starts, index);
    int segment = found >= 0 ? found : -found - 2;
    return new Item(samples[index], segments.get(segment).domains().get(domains[index]), segment);
  }

  /** The segments in stream order. */
  public List<Segment> segments() {
    return segments;
  }

  /** The place in the stream of a segment's first item; of {@code segments().size()}, the end. */
  public int start(int segment) {
    return starts[segment];
  }
}

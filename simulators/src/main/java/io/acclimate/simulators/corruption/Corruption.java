package io.acclimate.simulators.corruption;

import io.acclimate.runtime.AcclimateException;
import org.apache.commons.rng.UniformRandomProvider;

/**
 * One way to spoil an image, at five severities.
 *
 * <p>Implementations are immutable and safe to share between threads; the generator passed to
 * {@link #apply} is not, so give each thread its own.
 */
public interface Corruption {
  /** The lowest severity. */
  int MIN_SEVERITY = 1;

  /** The highest severity. */
  int MAX_SEVERITY = 5;

  /** The name in the benchmark, with underscores, such as {@code gaussian_noise}. */
  String name();

  /**
   * Returns the corrupted image: a new image of the same shape. Equal generator states give equal
   * images; every call makes fresh draws, and the clean image is not changed.
   *
   * @param clean grey or RGB image, each side at least 8 px
   * @param severity 1 (weakest) to 5 (strongest)
   * @param random the source of all random choices; corruptions without any do not use it
   * @throws AcclimateException when the severity is not 1..5 or the image is too small
   */
  Image apply(Image clean, int severity, UniformRandomProvider random);

  /**
   * True when this only stands in for the benchmark's corruption of that name, so that numbers
   * measured with it must not be compared with published ones; {@link #note} says why.
   */
  default boolean isProxy() {
    return false;
  }

  /** What a report must say beside results of this corruption; empty when there is nothing. */
  default String note() {
    return "";
  }
}

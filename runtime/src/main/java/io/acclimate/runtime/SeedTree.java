package io.acclimate.runtime;

import org.apache.commons.rng.RestorableUniformRandomProvider;
import org.apache.commons.rng.simple.RandomSource;

/**
 * A tree of random seeds: every random choice of a run hangs from one root seed by a path of names
 * and numbers, so two choices never share a generator and adding one does not move the others.
 *
 * <p>Immutable and safe to share between threads; the generators it makes are not.
 */
public final class SeedTree {
  private final long seed;

  private SeedTree(long seed) {
    this.seed = seed;
  }

  /** The root of a run's seeds. */
  public static SeedTree of(long rootSeed) {
    return new SeedTree(mix(rootSeed));
  }

  /** The branch with this name; equal names give equal branches. */
  public SeedTree child(String name) {
    long hash = seed;
    for (int i = 0; i < name.length(); i++) {
      hash = mix(hash ^ name.charAt(i));
    }
    return new SeedTree(mix(hash ^ name.length()));
  }

  /** The branch with this number. */
  public SeedTree child(long index) {
    return new SeedTree(mix(seed + mix(index)));
  }

  /** The seed at this place of the tree. */
  public long seed() {
    return seed;
  }

  /** A new generator (xoshiro256++) that starts at this place's seed; its state can be saved. */
  public RestorableUniformRandomProvider generator() {
    return RandomSource.XO_SHI_RO_256_PP.create(seed);
  }

  /** The finaliser of SplitMix64 after adding its golden gamma. */
  private static long mix(long z) {
    long x = z + 0x9E3779B97F4A7C15L;
    x = (x ^ (x >>> 30)) * 0xBF58476D1CE4E5B9L;
    x = (x ^ (x >>> 27)) * 0x94D049BB133111EBL;
    return x ^ (x >>> 31);
  }
}

package io.acclimate.runtime.sites;

import java.util.Set;

/**
 * The values that go into a site and come out of it.
 *
 * @param input the value it reads
 * @param readers the names of the site's nodes that read it; others may read it too
 * @param output the value it gives; equal to the input where a site is a place in a stream
 * @param residual the value that the output is added to, {@code ""} when there is none
 * @param in the size of the input's features: its last axis, or its channels for a convolution
 * @param out the number of features that the site gives, which is less than the output has when
 *     several sites are fused
 */
public record Flow(
    String input, Set<String> readers, String output, String residual, long in, long out) {
  /** Copies the set. */
  public Flow {
    readers = Set.copyOf(readers);
  }
}

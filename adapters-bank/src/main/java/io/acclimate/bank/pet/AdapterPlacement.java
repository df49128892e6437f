package io.acclimate.bank.pet;

/** How a bottleneck adapter Ad stands to a sub-layer f with input x and output f(x). */
public enum AdapterPlacement {
  /** {@code f(x) + Ad(x)}. */
  PARALLEL,
  /** {@code f(x) + Ad(f(x))}. */
  SEQUENTIAL,
  /** {@code f(x + Ad(x))}. */
  BEFORE,
  /** {@code x + Ad(f(x))}: the adapter takes the sub-layer's place; not the identity at first. */
  AFTER
}

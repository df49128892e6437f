package io.acclimate.runtime.graph;

import io.acclimate.runtime.AcclimateException;

/**
 * One dimension of a value: a fixed size, or a symbol for a size that is known only in a call.
 * Equal symbols mean equal sizes.
 *
 * @param size the size, -1 for a symbol
 * @param symbol the symbol, {@code ""} for a fixed size
 */
public record Dim(long size, String symbol) {
  /** Checks that exactly one of the two is given. */
  public Dim {
    if (size < -1 || (size == -1) == symbol.isEmpty()) {
      throw new AcclimateException(
          "dimension: expected a size from 0 or a symbol, found " + size + " '" + symbol + "'");
    }
  }

  /** A fixed size. */
  public static Dim of(long size) {
    return new Dim(size, "");
  }

  /** A size that is known only in a call. */
  public static Dim symbol(String name) {
    return new Dim(-1, name);
  }

  /** Whether the size is known. */
  public boolean isFixed() {
    return size >= 0;
  }

  /** Whether the size is known to be 1, so that the axis is broadcast. */
  public boolean isOne() {
    return size == 1;
  }

  @Override
  public String toString() {
    return isFixed() ? Long.toString(size) : symbol;
  }
}

package io.acclimate.runtime.graph;

import io.acclimate.runtime.AcclimateException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.LongBinaryOperator;

/**
 * One dimension of a value: a fixed size, or a symbol for a size that is known only in a call.
 * Equal symbols mean equal sizes. Sums and products of symbols are symbols too, such as {@code
 * 4+r}, the same for the same parts.
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

  /** The size of parts laid end to end. */
  public static Dim sum(List<Dim> parts) {
    return combine(parts, "+", 0, Math::addExact);
  }

  /** The size of axes merged into one. */
  public static Dim product(List<Dim> factors) {
    return factors.contains(of(0)) ? of(0) : combine(factors, "*", 1, Math::multiplyExact);
  }

  private static Dim combine(
      List<Dim> parts, String operator, long neutral, LongBinaryOperator fold) {
    long fixed = parts.stream().filter(Dim::isFixed).mapToLong(Dim::size).reduce(neutral, fold);
    List<String> terms =
        new ArrayList<>(parts.stream().filter(dim -> !dim.isFixed()).map(Dim::symbol).toList());
    if (terms.isEmpty()) {
      return of(fixed);
    }
    if (fixed != neutral) {
      terms.add(Long.toString(fixed));
    }
    if (terms.size() == 1) {
      return symbol(terms.get(0));
    }
    terms.replaceAll(term -> term.matches("\\w+") ? term : "(" + term + ")");
    Collections.sort(terms);
    return symbol(String.join(operator, terms));
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

package io.acclimate.bank.selective;

import io.acclimate.runtime.AcclimateException;
import java.util.Arrays;

/**
 * The orders in which a scan goes through the tokens of a map. Immutable by convention: the arrays
 * are not to be written to.
 *
 * @param places {@code [orders][tokens]}: which token is met when; the first order is the tokens'
 *     own
 */
public record TokenOrders(int[][] places) {
  /** Checks that there is an order. */
  public TokenOrders {
    if (places.length == 0 || places[0].length == 0) {
      throw new AcclimateException("expected at least one order of at least one token");
    }
  }

  /** Tokens of an image, row by row: along rows, along columns, and both backwards. */
  public static TokenOrders ofGrid(int rows, int columns) {
    int[] byRow = new int[rows * columns];
    int[] byColumn = new int[rows * columns];
    for (int i = 0; i < byRow.length; i++) {
      byRow[i] = i;
      byColumn[i] = i % rows * columns + i / rows;
    }
    return new TokenOrders(new int[][] {byRow, backwards(byRow), byColumn, backwards(byColumn)});
  }

  /** Tokens of a text: forwards and backwards. */
  public static TokenOrders ofLine(int tokens) {
    int[] forwards = new int[tokens];
    Arrays.setAll(forwards, i -> i);
    return new TokenOrders(new int[][] {forwards, backwards(forwards)});
  }

  private static int[] backwards(int[] places) {
    int[] reversed = new int[places.length];
    Arrays.setAll(reversed, i -> places[places.length - 1 - i]);
    return reversed;
  }

  /** The number of orders. */
  public int count() {
    return places.length;
  }

  /** The number of tokens. */
  public int tokens() {
    return places[0].length;
  }

  /** All orders one after the other, {@code [orders * tokens]}. */
  long[] flat() {
    return Arrays.stream(places).flatMapToInt(Arrays::stream).asLongStream().toArray();
  }
}

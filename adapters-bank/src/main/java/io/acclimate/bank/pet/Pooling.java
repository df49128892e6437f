package io.acclimate.bank.pet;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.graph.Ops;

/** How a sequence {@code [batch, tokens, size]} becomes features {@code [batch, size]}. */
public enum Pooling {
  /** The mean over the tokens; a mask may leave some out. */
  MEAN,
  /** The first token. */
  FIRST;

  /**
   * Appends the pooling.
   *
   * @param value {@code [batch, tokens, size]}, or {@code [batch, size]}, which is taken as it is
   * @param mask a value {@code [batch, tokens]} that is 1 where a token counts; {@code ""} for all
   * @throws AcclimateException when the value has another rank
   */
  public String append(Ops ops, String value, String mask) {
    int rank = ops.shape(value).rank();
    if (rank == 2) {
      return value;
    }
    if (rank != 3) {
      throw new AcclimateException(
          "expected features [batch, size] or [batch, tokens, size], found " + ops.type(value));
    }
    if (this == FIRST) {
      return ops.squeeze(ops.slice(value, 1, 0, 1), 1);
    }
    if (mask.isEmpty()) {
      return ops.reduceMean(value, false, 1);
    }
    String weights = ops.cast(mask, ops.type(value).type());
    String sum = ops.reduceSum(ops.mul(value, ops.unsqueeze(weights, 2)), false, 1);
    String count = ops.reduceSum(weights, true, 1);
    return ops.div(sum, ops.max(count, ops.scalarLike(count, 1)));
  }
}

package io.acclimate.bank.selective;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.graph.Attributes;
import io.acclimate.runtime.graph.Ops;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The selective scan of Mamba as a graph (Gu and Dao, arXiv 2312.00752): for each channel d and
 * state n, over the tokens l in order,
 *
 * <pre>
 *   x_l = exp(dt_l A_dn) x_{l-1} + dt_l B_ln u_l,   y_l = sum_n C_ln x_l + D_d u_l
 * </pre>
 *
 * <p>Up to {@value #UNROLLED} tokens are unrolled one by one. Longer sequences are cut into about
 * sqrt(tokens) chunks that are scanned side by side, after which the state at the end of each chunk
 * is handed on to the next: about 2 sqrt(tokens) steps one after the other instead of as many as
 * there are tokens, for twice the arithmetic. Nothing is divided by a decay, so the result is exact
 * to rounding however fast a state decays.
 *
 * @param input u, {@code [batch, tokens, size]}
 * @param step dt, {@code [batch, tokens, size]}, at least 0; at 0 a token is passed over
 * @param decay A, {@code [size, states]}, below 0
 * @param write B, {@code [batch, tokens, groups, states]}; {@code groups} divides {@code size}, and
 *     channel d belongs to group {@code d / (size / groups)}
 * @param read C, as {@code write}
 * @param skip D, {@code [size]}; {@code ""} for none
 */
public record SelectiveScan(
    String input, String step, String decay, String write, String read, String skip) {
  /** The longest sequence that is unrolled token by token. */
  public static final int UNROLLED = 64;

  /**
   * What a scan gives.
   *
   * @param output y, {@code [batch, tokens, size]}
   * @param lastState x after the last token, {@code [batch, size, states]}
   */
  public record Result(String output, String lastState) {}

  /** The sizes of a scan; a token's place is {@code chunk * chunkLength + place in the chunk}. */
  private record Sizes(
      long batch, long tokens, long groups, long channels, long states, long chunks) {
    long chunkLength() {
      return (tokens + chunks - 1) / chunks;
    }

    long size() {
      return groups * channels;
    }
  }

  /**
   * Appends the scan.
   *
   * @throws AcclimateException when the shapes do not fit together
   */
  public Result append(Ops ops) {
    Sizes sizes = sizes(ops);
    long channels = sizes.channels();
    String steps = arranged(ops, step, sizes, 1, channels);
    String inputs = arranged(ops, input, sizes, 1, channels);
    String rates =
        ops.transpose(ops.reshape(decay, sizes.groups(), channels, sizes.states()), 0, 2, 1);
    String keep = ops.exp(ops.mul(steps, rates));
    String added =
        ops.matMul(arranged(ops, write, sizes, sizes.states(), 1), ops.mul(steps, inputs));
    String states = states(ops, keep, added, sizes);
    String sums = ops.matMul(arranged(ops, read, sizes, 1, sizes.states()), states);
    String output = inOrder(ops, sums, sizes);
    if (!skip.isEmpty()) {
      output = ops.add(output, ops.mul(input, skip));
    }
    return new Result(output, lastState(ops, states, sizes));
  }

  private Sizes sizes(Ops ops) {
    var of = ops.shape(input);
    boolean ranks = of.rank() == 3 && ops.shape(decay).rank() == 2 && ops.shape(write).rank() == 4;
    if (ranks && ops.shape(step).equals(of) && ops.shape(read).equals(ops.shape(write))) {
      long batch = of.size(0);
      long tokens = of.size(1);
      long size = of.size(2);
      long groups = ops.shape(write).size(2);
      long states = ops.shape(write).size(3);
      boolean fits =
          ops.shape(write).size(0) == batch
              && ops.shape(write).size(1) == tokens
              && ops.shape(decay).size(0) == size
              && ops.shape(decay).size(1) == states;
      if (fits && groups > 0 && size % groups == 0 && tokens > 0) {
        return new Sizes(batch, tokens, groups, size / groups, states, chunks(tokens));
      }
    }
    throw new AcclimateException(
        ("selective scan: expected input and step [batch, tokens, size], decay [size, states],"
                + " write and read [batch, tokens, groups, states], found %s, %s, %s, %s, %s")
            .formatted(
                ops.type(input), ops.type(step), ops.type(decay), ops.type(write), ops.type(read)));
  }

  private static long chunks(long tokens) {
    return tokens <= UNROLLED ? 1 : Math.round(Math.sqrt(tokens));
  }

  /**
   * Tokens by their place in the chunk first, {@code [chunk length, chunks, batch, groups, rows,
   * columns]}, so that the steps of the scan are runs of memory. What fills up the last chunk is 0:
   * steps of 0 keep the state.
   */
  private static String arranged(Ops ops, String value, Sizes sizes, long rows, long columns) {
    long length = sizes.chunkLength();
    long filled = sizes.chunks() * length - sizes.tokens();
    String padded = value;
    if (filled > 0) {
      long[] pads = new long[2 * ops.shape(value).rank()];
      pads[ops.shape(value).rank() + 1] = filled;
      padded = ops.op("Pad", Attributes.NONE, value, ops.list(pads));
    }
    String cut =
        ops.reshape(padded, sizes.batch(), sizes.chunks(), length, sizes.groups(), rows, columns);
    return ops.transpose(cut, 2, 1, 0, 3, 4, 5);
  }

  /** Sums {@code [chunk length, chunks, batch, groups, 1, channels]} as they were asked for. */
  private static String inOrder(Ops ops, String sums, Sizes sizes) {
    String byBatch = ops.transpose(sums, 2, 1, 0, 3, 4, 5);
    long all = sizes.chunks() * sizes.chunkLength();
    String flat = ops.reshape(byBatch, sizes.batch(), all, sizes.size());
    return all == sizes.tokens() ? flat : ops.slice(flat, 1, 0, sizes.tokens());
  }

  private static String lastState(Ops ops, String states, Sizes sizes) {
    String lastPlace = ops.slice(states, 0, sizes.chunkLength() - 1, sizes.chunkLength());
    String last = ops.slice(lastPlace, 1, sizes.chunks() - 1, sizes.chunks());
    String grouped =
        ops.reshape(last, sizes.batch(), sizes.groups(), sizes.states(), sizes.channels());
    return ops.reshape(
        ops.transpose(grouped, 0, 1, 3, 2), sizes.batch(), sizes.size(), sizes.states());
  }

  /** All states, {@code [chunk length, chunks, batch, groups, states, channels]}. */
  private static String states(Ops ops, String keep, String added, Sizes sizes) {
    List<String> keeps = split(ops, keep, 0, sizes.chunkLength());
    List<String> within = new ArrayList<>();
    for (String one : split(ops, added, 0, sizes.chunkLength())) {
      int place = within.size();
      within.add(place == 0 ? one : ops.add(ops.mul(keeps.get(place), within.get(place - 1)), one));
    }
    String states = ops.concat(0, within);
    if (sizes.chunks() == 1) {
      return states;
    }
    List<String> kept = new ArrayList<>();
    for (String one : keeps) {
      kept.add(kept.isEmpty() ? one : ops.mul(one, kept.get(kept.size() - 1)));
    }
    String carried = carried(ops, last(kept), last(within), sizes.chunks());
    return ops.add(states, ops.mul(ops.concat(0, kept), carried));
  }

  private static String last(List<String> values) {
    return values.get(values.size() - 1);
  }

  /** The states with which chunks begin, {@code [1, chunks, batch, groups, states, channels]}. */
  private static String carried(Ops ops, String kept, String within, long chunks) {
    List<String> keeps = split(ops, kept, 1, chunks);
    List<String> ends = split(ops, within, 1, chunks);
    List<String> carried = new ArrayList<>();
    DType type = ops.type(kept).type();
    carried.add(ops.sizes().filled(type, 0, ops.shapeOf(ends.get(0))));
    String state = ends.get(0);
    for (int chunk = 1; chunk < chunks; chunk++) {
      carried.add(state);
      state = ops.add(ops.mul(keeps.get(chunk), state), ends.get(chunk));
    }
    return ops.concat(1, carried);
  }

  private static List<String> split(Ops ops, String value, int axis, long parts) {
    if (parts == 1) {
      return List.of(value);
    }
    long[] ones = new long[(int) parts];
    Arrays.fill(ones, 1);
    return ops.graph()
        .nodes("Split", Attributes.of("axis", axis), (int) parts, value, ops.list(ones));
  }
}

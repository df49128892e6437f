package io.acclimate.runtime.autodiff;

import io.acclimate.runtime.graph.Attributes;
import io.acclimate.runtime.graph.Ops;
import io.acclimate.runtime.graph.Shape;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * The three products of a convolution, each linear in two of its parts: the larger side {@code [N,
 * C, space]}, the smaller side {@code [N, M, space]} and the kernel {@code [M, C / groups, space]}.
 * Each takes the sizes of its result, so that rounding of strides leaves nothing open.
 *
 * @param strides steps of the kernel over the larger side
 * @param dilations distances between the kernel's elements
 * @param before the zeros before each spatial axis of the larger side
 * @param groups channels that are convolved on their own
 */
record SlidingProducts(long[] strides, long[] dilations, long[] before, long groups) {

  /** The smaller side, from the larger side and the kernel. */
  String smaller(Ops ops, String larger, String kernel, long[] sizes) {
    return convolve(ops, larger, kernel, strides, dilations, sizes);
  }

  /** The larger side, from the smaller side and the kernel. */
  String larger(Ops ops, String smaller, String kernel, long[] sizes) {
    int rank = sizes.length;
    long[] from = space(ops, smaller);
    long[] extent = space(ops, kernel);
    long[] pads = new long[2 * rank];
    long[] outputPadding = new long[rank];
    for (int axis = 0; axis < rank; axis++) {
      long full = (from[axis] - 1) * strides[axis] + (extent[axis] - 1) * dilations[axis] + 1;
      long surplus = full - before[axis] - sizes[axis];
      pads[axis] = before[axis];
      pads[axis + rank] = Math.max(0, surplus);
      outputPadding[axis] = Math.max(0, -surplus);
    }
    Attributes attributes =
        Attributes.of("strides", strides)
            .and("dilations", dilations)
            .and("pads", pads)
            .and("output_padding", outputPadding)
            .and("group", groups);
    return ops.op("ConvTranspose", attributes, smaller, kernel);
  }

  /**
   * The kernel, from both sides: a convolution in which batch and channels change places and the
   * smaller side is the kernel, with steps and distances exchanged.
   */
  String kernel(Ops ops, String larger, String smaller, long[] sizes) {
    String swapped = exchange(ops, groups == 1 ? larger : groupsBesideBatch(ops, larger));
    String product = convolve(ops, swapped, exchange(ops, smaller), dilations, strides, sizes);
    return exchange(ops, product);
  }

  /** {@code [N, G C, space]} as {@code [G N, C, space]}. */
  private String groupsBesideBatch(Ops ops, String value) {
    Shape shape = ops.shape(value);
    long[] space = space(ops, value);
    long channels = shape.size(1) / groups;
    String split = ops.reshape(value, join(new long[] {0, groups, channels}, space));
    int[] order = IntStream.range(0, space.length + 3).toArray();
    order[0] = 1;
    order[1] = 0;
    return ops.reshape(ops.transpose(split, order), join(new long[] {-1, channels}, space));
  }

  private static long[] join(long[] first, long[] second) {
    return LongStream.concat(LongStream.of(first), LongStream.of(second)).toArray();
  }

  /** The first two axes exchanged. */
  private static String exchange(Ops ops, String value) {
    int[] order = IntStream.range(0, ops.shape(value).rank()).toArray();
    order[0] = 1;
    order[1] = 0;
    return ops.transpose(value, order);
  }

  private String convolve(
      Ops ops, String input, String kernel, long[] steps, long[] distances, long[] sizes) {
    int rank = sizes.length;
    long[] from = space(ops, input);
    long[] extent = space(ops, kernel);
    long[] pads = new long[2 * rank];
    for (int axis = 0; axis < rank; axis++) {
      long needed = (sizes[axis] - 1) * steps[axis] + (extent[axis] - 1) * distances[axis] + 1;
      pads[axis] = before[axis];
      pads[axis + rank] = Math.max(0, needed - before[axis] - from[axis]);
    }
    Attributes attributes =
        Attributes.of("strides", steps)
            .and("dilations", distances)
            .and("pads", pads)
            .and("group", groups);
    String result = ops.op("Conv", attributes, input, kernel);
    for (int axis = 0; axis < rank; axis++) {
      if (ops.shape(result).size(axis + 2) != sizes[axis]) {
        result = ops.slice(result, axis + 2, 0, sizes[axis]);
      }
    }
    return result;
  }

  /** The sizes of the spatial axes; an error when one is open. */
  static long[] space(Ops ops, String value) {
    Shape shape = ops.shape(value);
    Shape space = shape.slice(2, shape.rank());
    space.elements();
    return space.sizes();
  }
}

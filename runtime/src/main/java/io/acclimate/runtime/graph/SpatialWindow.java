package io.acclimate.runtime.graph;

import io.acclimate.runtime.AcclimateException;
import java.util.Arrays;
import java.util.stream.LongStream;

/**
 * The window that a convolution or pooling slides over the spatial axes.
 *
 * @param kernel its size, by spatial axis
 * @param strides steps of the window
 * @param dilations distances between the elements of the window
 * @param padsBefore zeros before each axis; not used with automatic padding
 * @param padsAfter zeros after each axis; not used with automatic padding
 * @param autoPad {@code NOTSET}, {@code VALID}, {@code SAME_UPPER} or {@code SAME_LOWER}
 * @param ceil whether a last window may hang over the end
 */
public record SpatialWindow(
    long[] kernel,
    long[] strides,
    long[] dilations,
    long[] padsBefore,
    long[] padsAfter,
    String autoPad,
    boolean ceil) {

  /** Reads the attributes of a node; the kernel's size comes from the weight or an attribute. */
  public static SpatialWindow of(Attributes attributes, Shape kernelShape) {
    long[] kernel = kernelShape.sizes();
    int rank = kernel.length;
    long[] pads = orElse(attributes.integers("pads"), 2 * rank, 0);
    return new SpatialWindow(
        kernel,
        orElse(attributes.integers("strides"), rank, 1),
        orElse(attributes.integers("dilations"), rank, 1),
        Arrays.copyOfRange(pads, 0, rank),
        Arrays.copyOfRange(pads, rank, 2 * rank),
        attributes.text("auto_pad", "NOTSET"),
        attributes.integer("ceil_mode", 0) != 0);
  }

  private static long[] orElse(long[] given, int length, long value) {
    if (given != null) {
      if (given.length != length) {
        throw new AcclimateException(
            "expected %d numbers, found %s".formatted(length, Arrays.toString(given)));
      }
      return given;
    }
    long[] values = new long[length];
    Arrays.fill(values, value);
    return values;
  }

  /** The number of spatial axes. */
  public int rank() {
    return kernel.length;
  }

  /** The extent of the dilated window along an axis. */
  public long extent(int axis) {
    return (kernel[axis] - 1) * dilations[axis] + 1;
  }

  /** How many windows fit into an axis of this size; -1 when the size is open. */
  public long outputSize(long size, int axis) {
    if (size < 0) {
      return -1;
    }
    if (autoPad.startsWith("SAME")) {
      return (size + strides[axis] - 1) / strides[axis];
    }
    long room = size + padsBefore[axis] + padsAfter[axis] - extent(axis);
    if (room < 0) {
      throw new AcclimateException(
          "a window of %d does not fit an axis of %d".formatted(extent(axis), size));
    }
    long count = (ceil ? room + strides[axis] - 1 : room) / strides[axis] + 1;
    boolean lastStartsInPadding = (count - 1) * strides[axis] >= size + padsBefore[axis];
    return ceil && lastStartsInPadding ? count - 1 : count;
  }

  /** The size that a transposed convolution makes of an axis of this size; -1 when it is open. */
  public long inputSize(long size, int axis, long outputPadding) {
    if (size < 0) {
      return -1;
    }
    if (autoPad.startsWith("SAME")) {
      return size * strides[axis];
    }
    return strides[axis] * (size - 1)
        + outputPadding
        + extent(axis)
        - padsBefore[axis]
        - padsAfter[axis];
  }

  /** The zeros before an axis of this size, automatic padding worked out. */
  public long before(long size, int axis) {
    if (!autoPad.startsWith("SAME")) {
      return padsBefore[axis];
    }
    long total = total(size, axis);
    return autoPad.equals("SAME_UPPER") ? total / 2 : total - total / 2;
  }

  /** The zeros after an axis of this size, automatic padding worked out. */
  public long after(long size, int axis) {
    return autoPad.startsWith("SAME") ? total(size, axis) - before(size, axis) : padsAfter[axis];
  }

  /**
   * How much of its start a transposed convolution cuts off along an axis.
   *
   * @param size the size of its input
   * @param outputSize the size of its result
   * @param outputPadding what the node adds to the end
   * @param sized whether the node asks for the size of its result
   */
  public long cutBefore(long size, long outputSize, int axis, long outputPadding, boolean sized) {
    if (!sized && !autoPad.startsWith("SAME")) {
      return padsBefore[axis];
    }
    long full = strides[axis] * (size - 1) + outputPadding + extent(axis);
    long total = Math.max(0, full - outputSize);
    return autoPad.equals("SAME_UPPER") ? total / 2 : total - total / 2;
  }

  /**
   * The share that each element of a window has in its average, for all windows.
   *
   * @param sizes the spatial sizes of what is pooled
   * @param withPadding whether the zeros around it count as elements
   * @return one over the number of elements, windows in row-major order
   */
  public double[] averageShares(long[] sizes, boolean withPadding) {
    double[] shares = {1};
    for (int axis = 0; axis < rank(); axis++) {
      long windows = outputSize(sizes[axis], axis);
      double[] more = new double[Math.toIntExact(shares.length * windows)];
      for (int i = 0; i < more.length; i++) {
        long start = i % windows * strides[axis] - before(sizes[axis], axis);
        more[i] = shares[(int) (i / windows)] / elements(axis, start, sizes[axis], withPadding);
      }
      shares = more;
    }
    return shares;
  }

  /** How many elements of a window that starts at a place are averaged. */
  private long elements(int axis, long start, long size, boolean withPadding) {
    long first = withPadding ? -before(size, axis) : 0;
    long end = withPadding ? size + after(size, axis) : size;
    return LongStream.range(0, kernel[axis])
        .map(k -> start + k * dilations[axis])
        .filter(place -> place >= first && place < end)
        .count();
  }

  private long total(long size, int axis) {
    long needed = (outputSize(size, axis) - 1) * strides[axis] + extent(axis) - size;
    return Math.max(0, needed);
  }
}

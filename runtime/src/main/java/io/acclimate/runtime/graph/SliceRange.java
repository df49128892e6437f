package io.acclimate.runtime.graph;

import io.acclimate.runtime.AcclimateException;
import java.util.stream.LongStream;

/**
 * The part of an axis that a {@code Slice} takes, after ONNX's clamping.
 *
 * @param start the first index
 * @param step the distance to the next one, negative when it goes backwards
 * @param length how many are taken
 */
public record SliceRange(long start, long step, long length) {
  /**
   * The range for an axis of fixed size.
   *
   * @param start where it starts; negative counts from the end
   * @param end where it ends, exclusive; negative counts from the end
   */
  public static SliceRange of(long start, long end, long step, Dim dim) {
    if (!dim.isFixed() || step == 0) {
      throw new AcclimateException("cannot slice " + dim + " with step " + step);
    }
    long size = dim.size();
    if (size == 0) {
      return new SliceRange(0, step, 0);
    }
    long from = start < 0 ? start + size : start;
    long to = end < 0 ? end + size : end;
    if (step > 0) {
      from = Math.min(Math.max(from, 0), size);
      to = Math.min(Math.max(to, 0), size);
      return new SliceRange(from, step, to <= from ? 0 : (to - from - 1) / step + 1);
    }
    from = Math.min(Math.max(from, 0), size - 1);
    to = Math.min(Math.max(to, -1), size - 1);
    return new SliceRange(from, step, from <= to ? 0 : (from - to - 1) / -step + 1);
  }

  /** The indices that are taken, in their order. */
  public LongStream indices() {
    return LongStream.range(0, length).map(i -> start + i * step);
  }
}

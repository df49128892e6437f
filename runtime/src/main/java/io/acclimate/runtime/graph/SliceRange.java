package io.acclimate.runtime.graph;

import io.acclimate.runtime.AcclimateException;

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
    long from = start < 0 ? start + size : start;
    long to = end < 0 ? Math.max(end + size, -1) : end;
    if (step > 0) {
      from = Math.min(Math.max(from, 0), size);
      to = Math.min(Math.max(to, 0), size);
      return new SliceRange(from, step, Math.max(0, (to - from + step - 1) / step));
    }
    from = Math.min(Math.max(from, -1), size - 1);
    to = Math.min(to, size - 1);
    return new SliceRange(from, step, Math.max(0, (from - to - step - 1) / -step));
  }
}

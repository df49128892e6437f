package io.acclimate.runtime.sites;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Where the elements of a value lie in the value that it was cut and turned from, as a first
 * element and a stride for each axis. Immutable.
 */
record StridedView(long offset, List<Long> sizes, List<Long> strides) {

  /** The whole of a value in row-major order. */
  static StridedView of(long... sizes) {
    Long[] strides = new Long[sizes.length];
    long stride = 1;
    for (int axis = sizes.length - 1; axis >= 0; axis--) {
      strides[axis] = stride;
      stride *= sizes[axis];
    }
    return new StridedView(0, Arrays.stream(sizes).boxed().toList(), List.of(strides));
  }

  /** The axes in another order. */
  StridedView transpose(long[] order) {
    return new StridedView(
        offset,
        Arrays.stream(order).mapToObj(axis -> sizes.get((int) axis)).toList(),
        Arrays.stream(order).mapToObj(axis -> strides.get((int) axis)).toList());
  }

  /** A part of one axis. */
  StridedView slice(int axis, long start, long size) {
    List<Long> changed = new ArrayList<>(sizes);
    changed.set(axis, size);
    return new StridedView(offset + start * strides.get(axis), changed, strides);
  }

  /** One element of an axis, which goes away. */
  StridedView select(int axis, long index) {
    List<Long> fewer = new ArrayList<>(sizes);
    List<Long> others = new ArrayList<>(strides);
    fewer.remove(axis);
    others.remove(axis);
    return new StridedView(offset + index * strides.get(axis), fewer, others);
  }

  /**
   * Another shape for the same elements; empty when no strides describe it.
   *
   * @param shape sizes with the same product
   */
  Optional<StridedView> reshape(long... shape) {
    List<long[]> axes = merged();
    List<Long> newStrides = new ArrayList<>();
    int group = axes.size() - 1;
    long left = group < 0 ? 1 : axes.get(group)[0];
    long stride = group < 0 ? 1 : axes.get(group)[1];
    for (int axis = shape.length - 1; axis >= 0; axis--) {
      long size = shape[axis];
      if (size > 1 && left == 1) {
        group--;
        if (group < 0) {
          return Optional.empty();
        }
        left = axes.get(group)[0];
        stride = axes.get(group)[1];
      }
      if (left % size != 0) {
        return Optional.empty();
      }
      newStrides.add(0, stride);
      stride *= size;
      left /= size;
    }
    return Optional.of(new StridedView(offset, Arrays.stream(shape).boxed().toList(), newStrides));
  }

  /** Axes longer than 1 as pairs of size and stride, with those joined that lie in one row. */
  private List<long[]> merged() {
    List<long[]> axes = new ArrayList<>();
    for (int axis = 0; axis < sizes.size(); axis++) {
      long size = sizes.get(axis);
      long stride = strides.get(axis);
      if (size == 1) {
        continue;
      }
      long[] last = axes.isEmpty() ? null : axes.get(axes.size() - 1);
      if (last != null && last[1] == size * stride) {
        last[0] *= size;
        last[1] = stride;
      } else {
        axes.add(new long[] {size, stride});
      }
    }
    return axes;
  }

  /**
   * The columns that the view covers when the original is seen as rows of a width: first column and
   * number of columns. Empty when they are not one range.
   */
  Optional<long[]> columns(long width) {
    long count = 1;
    List<Integer> inRow =
        IntStream.range(0, sizes.size())
            .filter(axis -> sizes.get(axis) > 1 && strides.get(axis) < width)
            .boxed()
            .sorted((a, b) -> Long.compare(strides.get(a), strides.get(b)))
            .toList();
    for (int axis : inRow) {
      if (strides.get(axis) != count) {
        return Optional.empty();
      }
      count *= sizes.get(axis);
    }
    long first = offset % width;
    return first + count <= width ? Optional.of(new long[] {first, count}) : Optional.empty();
  }
}

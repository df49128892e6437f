package io.acclimate.runtime.autodiff;

import io.acclimate.runtime.DType;
import io.acclimate.runtime.graph.Attributes;
import io.acclimate.runtime.graph.Ops;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Puts gradients back to the places from which elements were picked. */
final class AxisScatter {
  private AxisScatter() {}

  /** Zeros of a value's type. */
  static String zerosLike(Ops ops, String value) {
    return ops.sizes().filled(ops.type(value).type(), 0, ops.shapeOf(value));
  }

  /** Zeros around a value; negative numbers cut off. */
  static String pad(Ops ops, String value, long[] pads) {
    return Arrays.stream(pads).allMatch(pad -> pad == 0)
        ? value
        : ops.op("Pad", Attributes.NONE, value, ops.list(pads));
  }

  /**
   * The counterpart of {@code Gather}: adds up what was picked from an axis, with zeros where
   * nothing was.
   *
   * @param gradient has the axes of the indices in the place of the axis
   * @param indices whole numbers of any rank; negative ones count from the end
   * @param size the size of the axis, {@code [1]}
   */
  static String add(Ops ops, String gradient, int axis, String indices, String size) {
    int rank = ops.shape(gradient).rank();
    int picked = ops.shape(indices).rank();
    int[] rest = IntStream.range(0, rank).filter(i -> i < axis || i >= axis + picked).toArray();
    int[] indexAxes = IntStream.range(axis, axis + picked).toArray();
    int[] indexFirst = IntStream.concat(Arrays.stream(indexAxes), Arrays.stream(rest)).toArray();
    String zeros =
        ops.sizes()
            .filled(
                ops.type(gradient).type(),
                0,
                ops.sizes().join(List.of(size, ops.sizes().of(gradient, rest))));
    String sum =
        ops.op(
            "ScatterND",
            Attributes.of("reduction", "add"),
            zeros,
            ops.unsqueeze(ops.cast(indices, DType.INT64), -1),
            ops.transpose(gradient, indexFirst));
    int[] back =
        IntStream.range(0, rest.length + 1)
            .map(i -> i < axis ? i + 1 : i == axis ? 0 : i)
            .toArray();
    return ops.transpose(sum, back);
  }
}

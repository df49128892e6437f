package io.acclimate.runtime.graph;

import io.acclimate.runtime.AcclimateException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * How {@code Resize} makes one axis of an image from another: each element of the result is a
 * weighted sum of elements of the source, so the whole is a matrix.
 *
 * @param axis the axis
 * @param from the size of the axis
 * @param to the size of the result
 * @param scale the scale that is given, {@code to / from} where sizes are given
 */
public record ResizeAxis(int axis, long from, long to, double scale) {
  /**
   * The axes that a node changes.
   *
   * @param from the shape of its operand
   * @param to the shape of its result
   * @throws AcclimateException when the size of such an axis is open
   */
  public static List<ResizeAxis> of(Ops ops, Node node, Shape from, Shape to) {
    long[] axes = node.attributes().integers("axes");
    List<ResizeAxis> changed = new ArrayList<>();
    for (int i = 0; i < (axes == null ? from.rank() : axes.length); i++) {
      int axis = axes == null ? i : from.axis(axes[i]);
      if (from.dim(axis).equals(to.dim(axis)) && !from.dim(axis).isFixed()) {
        continue;
      }
      if (from.size(axis) < 0 || to.size(axis) < 0) {
        throw new AcclimateException(
            "%s: axis %d of %s is open, so its weights are not known".formatted(node, axis, from));
      }
      double scale = scale(ops, node, i, (double) to.size(axis) / from.size(axis));
      if (scale != 1) {
        changed.add(new ResizeAxis(axis, from.size(axis), to.size(axis), scale));
      }
    }
    return changed;
  }

  private static double scale(Ops ops, Node node, int place, double ofSizes) {
    return node.hasInput(3)
        ? ofSizes
        : ops.graph()
            .constantValue(node.input(2))
            .map(scales -> scales.toDoubles()[place])
            .orElse(ofSizes);
  }

  /**
   * Appends what the node does along this axis.
   *
   * @throws AcclimateException for modes other than nearest and linear, and for anti-aliasing
   */
  public String resize(Ops ops, String value, Attributes attributes) {
    return product(ops, value, ops.transpose(matrix(ops, value, attributes), 1, 0));
  }

  /** Appends the way back of a gradient; errors as in {@link #resize}. */
  public String spread(Ops ops, String gradient, Attributes attributes) {
    return product(ops, gradient, matrix(ops, gradient, attributes));
  }

  private String matrix(Ops ops, String like, Attributes attributes) {
    double[] weights = weights(attributes);
    return ops.graph().constant(Constant.ofDoubles(ops.type(like).type(), weights, to, from));
  }

  private String product(Ops ops, String value, String matrix) {
    int last = ops.shape(value).rank() - 1;
    int[] swapped = IntStream.rangeClosed(0, last).toArray();
    swapped[axis] = last;
    swapped[last] = axis;
    return ops.transpose(ops.matMul(ops.transpose(value, swapped), matrix), swapped);
  }

  /** The weights, {@code [to, from]}, row by row. */
  private double[] weights(Attributes attributes) {
    String mode = attributes.text("mode", "nearest");
    if (!mode.equals("nearest") && !mode.equals("linear")
        || attributes.integer("antialias", 0) != 0) {
      throw new AcclimateException(
          "expected Resize of mode nearest or linear without antialias, found " + attributes);
    }
    double[] weights = new double[Math.toIntExact(to * from)];
    for (int row = 0; row < to; row++) {
      double place = source(row, attributes.text("coordinate_transformation_mode", "half_pixel"));
      if (mode.equals("nearest")) {
        long nearest = nearest(place, attributes.text("nearest_mode", "round_prefer_floor"));
        weights[(int) (row * from + clamp(nearest))] = 1;
      } else {
        double inside = Math.min(Math.max(place, 0), from - 1);
        long left = (long) inside;
        weights[(int) (row * from + left)] += 1 - (inside - left);
        weights[(int) (row * from + clamp(left + 1))] += inside - left;
      }
    }
    return weights;
  }

  private long clamp(long index) {
    return Math.min(Math.max(index, 0), from - 1);
  }

  private double source(int row, String transformation) {
    return switch (transformation) {
      case "asymmetric" -> row / scale;
      case "half_pixel" -> (row + 0.5) / scale - 0.5;
      case "pytorch_half_pixel" -> to > 1 ? (row + 0.5) / scale - 0.5 : 0;
      case "align_corners" -> to > 1 ? (double) row * (from - 1) / (to - 1) : 0;
      default ->
          throw new AcclimateException(
              "Resize with coordinates '%s' has no gradient rule".formatted(transformation));
    };
  }

  private static long nearest(double place, String mode) {
    return switch (mode) {
      case "round_prefer_floor" -> (long) Math.ceil(place - 0.5);
      case "round_prefer_ceil" -> (long) Math.floor(place + 0.5);
      case "floor" -> (long) Math.floor(place);
      case "ceil" -> (long) Math.ceil(place);
      default -> throw new AcclimateException("unknown nearest_mode '" + mode + "'");
    };
  }
}

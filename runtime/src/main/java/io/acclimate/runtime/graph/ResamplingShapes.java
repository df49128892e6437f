package io.acclimate.runtime.graph;

import io.acclimate.runtime.AcclimateException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/** Shape rules of operators that change the resolution of images. */
final class ResamplingShapes {
  private ResamplingShapes() {}

  static void register(Map<String, ShapeRule> rules) {
    rules.put("DepthToSpace", node -> blocks(node, true));
    rules.put("SpaceToDepth", node -> blocks(node, false));
    rules.put("Resize", ResamplingShapes::resize);
  }

  private static List<ValueType> blocks(ShapeContext node, boolean toSpace) {
    Shape shape = node.shape(0);
    long block = node.attributes().integer("blocksize", 0);
    if (shape.rank() != 4 || block < 1) {
      throw new AcclimateException(
          "expected [batch, channels, height, width] and a block size from 1, found %s and %d"
              .formatted(shape, block));
    }
    Dim channels = scaled(node, shape, 1, block * block, !toSpace);
    Dim height = scaled(node, shape, 2, block, toSpace);
    Dim width = scaled(node, shape, 3, block, toSpace);
    return List.of(
        node.type(0).withShape(new Shape(List.of(shape.dim(0), channels, height, width))));
  }

  private static Dim scaled(ShapeContext node, Shape shape, int axis, long by, boolean up) {
    Dim dim = shape.dim(axis);
    if (up) {
      return Dim.product(List.of(dim, Dim.of(by)));
    }
    if (!dim.isFixed()) {
      return node.unknown("part" + axis);
    }
    if (dim.size() % by != 0) {
      throw new AcclimateException(
          "axis %d of %s cannot be split by %d".formatted(axis, shape, by));
    }
    return Dim.of(dim.size() / by);
  }

  private static List<ValueType> resize(ShapeContext node) {
    Shape shape = node.shape(0);
    int[] axes = resizedAxes(node.attributes(), shape);
    if (node.node().hasInput(3)) {
      requireStretch(node);
      List<Dim> sizes = node.dims(3);
      for (int i = 0; i < axes.length; i++) {
        shape = shape.with(axes[i], sizes.get(i));
      }
      return List.of(node.type(0).withShape(shape));
    }
    Optional<Constant> scales = node.constant(2);
    List<Dim> dims = new ArrayList<>(shape.dims());
    for (int i = 0; i < axes.length; i++) {
      Dim dim = shape.dim(axes[i]);
      boolean known = scales.isPresent() && dim.isFixed();
      // the product is taken in single precision, as ONNX Runtime does
      dims.set(
          axes[i],
          known
              ? Dim.of((long) Math.floor((float) (dim.size() * scales.get().toDoubles()[i])))
              : node.unknown("resized" + axes[i]));
    }
    return List.of(node.type(0).withShape(new Shape(dims)));
  }

  private static void requireStretch(ShapeContext node) {
    String policy = node.attributes().text("keep_aspect_ratio_policy", "stretch");
    if (!policy.equals("stretch")) {
      throw new AcclimateException("Resize with policy '" + policy + "' is not supported");
    }
  }

  /** The axes to which the scales or sizes belong. */
  private static int[] resizedAxes(Attributes attributes, Shape shape) {
    long[] axes = attributes.integers("axes");
    return axes == null
        ? IntStream.range(0, shape.rank()).toArray()
        : Arrays.stream(axes).mapToInt(shape::axis).toArray();
  }
}

package io.acclimate.runtime.graph;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Shape rules of convolutions, pooling and normalisation. */
final class SpatialShapes {
  private SpatialShapes() {}

  static void register(Map<String, ShapeRule> rules) {
    rules.put("Conv", SpatialShapes::convolution);
    rules.put("ConvTranspose", SpatialShapes::transposedConvolution);
    rules.put("MaxPool", SpatialShapes::pool);
    rules.put("AveragePool", SpatialShapes::pool);
    rules.put("GlobalAveragePool", SpatialShapes::globalPool);
    rules.put("GlobalMaxPool", SpatialShapes::globalPool);
    rules.put("BatchNormalization", node -> List.of(node.type(0)));
    rules.put("InstanceNormalization", node -> List.of(node.type(0)));
    rules.put("GroupNormalization", node -> List.of(node.type(0)));
    rules.put("RMSNormalization", node -> List.of(node.type(0)));
    rules.put("LayerNormalization", SpatialShapes::layerNormalization);
  }

  private static List<ValueType> convolution(ShapeContext node) {
    Shape input = node.shape(0);
    Shape weight = node.shape(1);
    long group = node.attributes().integer("group", 1);
    if (input.rank() != weight.rank()
        || input.size(1) >= 0 && input.size(1) != weight.size(1) * group) {
      throw new AcclimateException(
          "input %s does not fit weight %s in %d groups".formatted(input, weight, group));
    }
    SpatialWindow window = SpatialWindow.of(node.attributes(), weight.slice(2, weight.rank()));
    List<Dim> dims = new ArrayList<>(List.of(input.dim(0), weight.dim(0)));
    for (int axis = 0; axis < window.rank(); axis++) {
      dims.add(sized(node, axis, window.outputSize(input.size(axis + 2), axis)));
    }
    return List.of(node.type(0).withShape(new Shape(dims)));
  }

  private static Dim sized(ShapeContext node, int axis, long size) {
    return size < 0 ? node.unknown("space" + axis) : Dim.of(size);
  }

  private static List<ValueType> transposedConvolution(ShapeContext node) {
    Shape input = node.shape(0);
    Shape weight = node.shape(1);
    long group = node.attributes().integer("group", 1);
    SpatialWindow window = SpatialWindow.of(node.attributes(), weight.slice(2, weight.rank()));
    long[] wanted = node.attributes().integers("output_shape");
    long[] extra = node.attributes().integers("output_padding");
    List<Dim> dims = new ArrayList<>(List.of(input.dim(0), Dim.of(weight.size(1) * group)));
    for (int axis = 0; axis < window.rank(); axis++) {
      long more = extra == null ? 0 : extra[axis];
      long size =
          wanted != null ? wanted[axis] : window.inputSize(input.size(axis + 2), axis, more);
      dims.add(sized(node, axis, size));
    }
    return List.of(node.type(0).withShape(new Shape(dims)));
  }

  private static List<ValueType> pool(ShapeContext node) {
    Shape input = node.shape(0);
    SpatialWindow window =
        SpatialWindow.of(node.attributes(), Shape.of(node.attributes().integers("kernel_shape")));
    List<Dim> dims = new ArrayList<>(input.slice(0, 2).dims());
    for (int axis = 0; axis < window.rank(); axis++) {
      dims.add(sized(node, axis, window.outputSize(input.size(axis + 2), axis)));
    }
    Shape shape = new Shape(dims);
    return List.of(node.type(0).withShape(shape), new ValueType(DType.INT64, shape));
  }

  private static List<ValueType> globalPool(ShapeContext node) {
    Shape shape = node.shape(0);
    for (int axis = 2; axis < shape.rank(); axis++) {
      shape = shape.with(axis, Dim.of(1));
    }
    return List.of(node.type(0).withShape(shape));
  }

  private static List<ValueType> layerNormalization(ShapeContext node) {
    Shape shape = node.shape(0);
    int first = shape.axis(node.attributes().integer("axis", -1));
    for (int axis = first; axis < shape.rank(); axis++) {
      shape = shape.with(axis, Dim.of(1));
    }
    DType stash = DType.ofOnnxCode((int) node.attributes().integer("stash_type", 1));
    ValueType statistic = new ValueType(stash, shape);
    return List.of(node.type(0), statistic, statistic);
  }
}

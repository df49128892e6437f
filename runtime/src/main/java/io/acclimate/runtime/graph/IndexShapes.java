package io.acclimate.runtime.graph;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.DType;
import java.util.List;
import java.util.Map;

/** Shape rules of operators that pick or place elements by index. */
final class IndexShapes {
  private IndexShapes() {}

  static void register(Map<String, ShapeRule> rules) {
    rules.put("Gather", IndexShapes::gather);
    rules.put("GatherElements", node -> List.of(node.type(0).withShape(node.shape(1))));
    rules.put("GatherND", IndexShapes::gatherNd);
    rules.put("ScatterElements", node -> List.of(node.type(0)));
    rules.put("ScatterND", node -> List.of(node.type(0)));
    rules.put("OneHot", IndexShapes::oneHot);
    rules.put("TopK", IndexShapes::topK);
    rules.put("Range", IndexShapes::range);
    rules.put(
        "EyeLike",
        node ->
            List.of(
                node.type(0)
                    .withType(
                        node.attributes().has("dtype")
                            ? DType.ofOnnxCode((int) node.attributes().integer("dtype", 1))
                            : node.type(0).type())));
  }

  private static List<ValueType> gather(ShapeContext node) {
    Shape data = node.shape(0);
    int axis = data.axis(node.attributes().integer("axis", 0));
    Shape shape =
        data.slice(0, axis).concat(node.shape(1)).concat(data.slice(axis + 1, data.rank()));
    return List.of(node.type(0).withShape(shape));
  }

  private static List<ValueType> gatherNd(ShapeContext node) {
    Shape data = node.shape(0);
    Shape indices = node.shape(1);
    int batch = (int) node.attributes().integer("batch_dims", 0);
    long depth = indices.size(-1);
    if (depth < 1) {
      throw new AcclimateException("expected a fixed index depth, found " + indices);
    }
    Shape shape =
        indices.slice(0, indices.rank() - 1).concat(data.slice(batch + (int) depth, data.rank()));
    return List.of(node.type(0).withShape(shape));
  }

  private static List<ValueType> oneHot(ShapeContext node) {
    Shape indices = node.shape(0);
    int axis = indices.place(node.attributes().integer("axis", -1));
    return List.of(node.type(2).withShape(indices.insert(axis, node.dim(1))));
  }

  private static List<ValueType> topK(ShapeContext node) {
    Shape shape = node.shape(0);
    int axis = shape.axis(node.attributes().integer("axis", -1));
    Shape kept = shape.with(axis, node.dim(1));
    return List.of(node.type(0).withShape(kept), new ValueType(DType.INT64, kept));
  }

  private static List<ValueType> range(ShapeContext node) {
    if (node.constant(0).isEmpty() || node.constant(1).isEmpty() || node.constant(2).isEmpty()) {
      boolean counts = isConstant(node, 0, 0) && isConstant(node, 2, 1);
      Dim length = counts ? node.dim(1) : node.unknown("length");
      return List.of(node.type(0).withShape(new Shape(List.of(length))));
    }
    double start = node.constant(0).get().toDoubles()[0];
    double limit = node.constant(1).get().toDoubles()[0];
    double delta = node.constant(2).get().toDoubles()[0];
    long length = (long) Math.max(0, Math.ceil((limit - start) / delta));
    return List.of(node.type(0).withShape(Shape.of(length)));
  }

  private static boolean isConstant(ShapeContext node, int input, double value) {
    return node.constant(input).filter(constant -> constant.toDoubles()[0] == value).isPresent();
  }
}

package io.acclimate.runtime.graph;

import io.acclimate.runtime.AcclimateException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Shape rules of matrix products. */
final class MatrixShapes {
  private MatrixShapes() {}

  static void register(Map<String, ShapeRule> rules) {
    rules.put("MatMul", node -> List.of(node.type(0).withShape(matMul(node))));
    rules.put("Gemm", MatrixShapes::gemm);
    rules.put("Einsum", MatrixShapes::einsum);
  }

  private static Shape matMul(ShapeContext node) {
    Shape a = node.shape(0);
    Shape b = node.shape(1);
    if (a.rank() == 0 || b.rank() == 0) {
      throw new AcclimateException("expected matrices, found %s and %s".formatted(a, b));
    }
    Shape left = a.rank() == 1 ? a.insert(0, Dim.of(1)) : a;
    Shape right = b.rank() == 1 ? b.insert(1, Dim.of(1)) : b;
    if (!left.dim(-1).equals(right.dim(-2))) {
      throw new AcclimateException(
          "expected inner dimensions to agree, found %s and %s".formatted(a, b));
    }
    Shape batch = Shape.broadcast(left.slice(0, left.rank() - 2), right.slice(0, right.rank() - 2));
    List<Dim> dims = new ArrayList<>(batch.dims());
    if (a.rank() > 1) {
      dims.add(left.dim(-2));
    }
    if (b.rank() > 1) {
      dims.add(right.dim(-1));
    }
    return new Shape(dims);
  }

  private static List<ValueType> gemm(ShapeContext node) {
    Shape a = node.shape(0);
    Shape b = node.shape(1);
    boolean transA = node.attributes().integer("transA", 0) != 0;
    boolean transB = node.attributes().integer("transB", 0) != 0;
    if (a.rank() != 2 || b.rank() != 2 || !a.dim(transA ? 0 : 1).equals(b.dim(transB ? 1 : 0))) {
      throw new AcclimateException(
          "expected two matrices with equal inner dimensions, found %s%s and %s%s"
              .formatted(a, transA ? " transposed" : "", b, transB ? " transposed" : ""));
    }
    Shape result = new Shape(List.of(a.dim(transA ? 1 : 0), b.dim(transB ? 0 : 1)));
    if (node.node().hasInput(2) && !Shape.broadcast(result, node.shape(2)).equals(result)) {
      throw new AcclimateException(
          "expected a bias that fits %s, found %s".formatted(result, node.shape(2)));
    }
    return List.of(node.type(0).withShape(result));
  }

  private static List<ValueType> einsum(ShapeContext node) {
    List<Shape> shapes =
        IntStream.range(0, node.node().inputs().size()).mapToObj(node::shape).toList();
    EinsumEquation equation = EinsumEquation.parse(node.attributes().text("equation", ""), shapes);
    Map<Character, Dim> sizes = equation.sizes(shapes);
    List<Dim> dims =
        equation.result().chars().mapToObj(letter -> sizes.get((char) letter)).toList();
    return List.of(node.type(0).withShape(new Shape(dims)));
  }
}

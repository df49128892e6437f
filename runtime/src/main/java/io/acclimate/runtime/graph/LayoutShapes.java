package io.acclimate.runtime.graph;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.DType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.LongStream;

/** Shape rules of operators that arrange elements anew. */
final class LayoutShapes {
  private LayoutShapes() {}

  static void register(Map<String, ShapeRule> rules) {
    rules.put("Reshape", LayoutShapes::reshape);
    rules.put("Transpose", LayoutShapes::transpose);
    rules.put("Squeeze", LayoutShapes::squeeze);
    rules.put("Unsqueeze", LayoutShapes::unsqueeze);
    rules.put("Flatten", LayoutShapes::flatten);
    rules.put("Expand", LayoutShapes::expand);
    rules.put("Shape", LayoutShapes::shape);
    rules.put("Size", node -> List.of(ValueType.of(DType.INT64)));
    rules.put("ConstantOfShape", LayoutShapes::constantOfShape);
  }

  private static List<ValueType> reshape(ShapeContext node) {
    Shape from = node.shape(0);
    Optional<List<ShapeVectors.Entry>> entries = node.entries(1);
    if (entries.isEmpty()) {
      return List.of(node.type(0).withShape(new Shape(node.dims(1))));
    }
    List<ShapeVectors.Entry> wanted = entries.get();
    boolean zeroIsZero = node.attributes().integer("allowzero", 0) != 0;
    List<Dim> dims = new ArrayList<>();
    int open = -1;
    for (int axis = 0; axis < wanted.size(); axis++) {
      ShapeVectors.Entry entry = wanted.get(axis);
      if (entry.isFixed() && entry.number() == 0 && !zeroIsZero) {
        dims.add(from.dim(axis));
      } else if (entry.isFixed() && entry.number() == -1) {
        open = axis;
        dims.add(Dim.of(1));
      } else {
        dims.add(entry.toDim());
      }
    }
    if (open >= 0) {
      dims.set(open, remaining(node, from, dims));
    } else if (from.isStatic() && new Shape(dims).isStatic()) {
      requireSameCount(from, new Shape(dims), dims.toString());
    }
    return List.of(node.type(0).withShape(new Shape(dims)));
  }

  /** The size that -1 stands for: what is left of the elements. */
  private static Dim remaining(ShapeContext node, Shape from, List<Dim> dims) {
    List<Dim> above = new ArrayList<>(from.dims());
    List<Dim> below = new ArrayList<>();
    for (Dim dim : dims) {
      if (dim.isFixed() || !above.remove(dim)) {
        below.add(dim);
      }
    }
    List<Dim> symbols = above.stream().filter(dim -> !dim.isFixed()).toList();
    if (below.stream().anyMatch(dim -> !dim.isFixed())) {
      return node.unknown("rest");
    }
    long top = above.stream().filter(Dim::isFixed).mapToLong(Dim::size).reduce(1, (x, y) -> x * y);
    long bottom = below.stream().mapToLong(Dim::size).reduce(1, (x, y) -> x * y);
    if (bottom != 0 && top % bottom == 0) {
      List<Dim> rest = new ArrayList<>(symbols);
      rest.add(Dim.of(top / bottom));
      return Dim.product(rest);
    }
    if (symbols.isEmpty()) {
      throw new AcclimateException("cannot reshape " + from + " to " + new Shape(dims));
    }
    return node.unknown("rest");
  }

  private static void requireSameCount(Shape from, Shape to, String wanted) {
    if (from.elements() != to.elements()) {
      throw new AcclimateException(
          "cannot reshape %s (%d elements) to %s (%d elements)"
              .formatted(from, from.elements(), wanted, to.elements()));
    }
  }

  private static List<ValueType> transpose(ShapeContext node) {
    Shape shape = node.shape(0);
    long[] perm = node.attributes().integers("perm");
    if (perm != null && !isPermutation(perm, shape.rank())) {
      throw new AcclimateException(
          "order %s does not fit %s".formatted(Arrays.toString(perm), shape));
    }
    List<Dim> dims = new ArrayList<>();
    for (int axis = 0; axis < shape.rank(); axis++) {
      dims.add(perm == null ? shape.dim(shape.rank() - 1 - axis) : shape.dim((int) perm[axis]));
    }
    return List.of(node.type(0).withShape(new Shape(dims)));
  }

  private static boolean isPermutation(long[] perm, int rank) {
    long[] sorted = Arrays.stream(perm).sorted().toArray();
    return Arrays.equals(sorted, LongStream.range(0, rank).toArray());
  }

  private static List<ValueType> squeeze(ShapeContext node) {
    Shape shape = node.shape(0);
    long[] given = node.longs(1, "axes");
    if (given == null && !shape.isStatic()) {
      throw new AcclimateException("which axes of " + shape + " have size 1 is not known");
    }
    Set<Integer> axes = new TreeSet<>();
    for (int axis = 0; axis < shape.rank(); axis++) {
      if (given == null && shape.dim(axis).isOne()) {
        axes.add(axis);
      }
    }
    for (long axis : given == null ? new long[0] : given) {
      Dim dim = shape.dim(shape.axis(axis));
      if (dim.isFixed() && !dim.isOne()) {
        throw new AcclimateException("axis " + axis + " of " + shape + " is not of size 1");
      }
      axes.add(shape.axis(axis));
    }
    List<Dim> dims = new ArrayList<>();
    for (int axis = 0; axis < shape.rank(); axis++) {
      if (!axes.contains(axis)) {
        dims.add(shape.dim(axis));
      }
    }
    return List.of(node.type(0).withShape(new Shape(dims)));
  }

  private static List<ValueType> unsqueeze(ShapeContext node) {
    Shape shape = node.shape(0);
    long[] given = node.longs(1, "axes");
    int rank = shape.rank() + given.length;
    Set<Integer> axes = new TreeSet<>();
    for (long axis : given) {
      if (axis < -rank || axis >= rank || !axes.add((int) (axis < 0 ? axis + rank : axis))) {
        throw new AcclimateException(
            "cannot put axes %s into %s".formatted(Arrays.toString(given), shape));
      }
    }
    for (int axis : axes) {
      shape = shape.insert(axis, Dim.of(1));
    }
    return List.of(node.type(0).withShape(shape));
  }

  private static List<ValueType> flatten(ShapeContext node) {
    Shape shape = node.shape(0);
    long given = node.attributes().integer("axis", 1);
    if (given < -shape.rank() || given > shape.rank()) {
      throw new AcclimateException("axis " + given + " does not exist in shape " + shape);
    }
    int axis = (int) (given < 0 ? given + shape.rank() : given);
    Dim rows = Dim.product(shape.slice(0, axis).dims());
    Dim columns = Dim.product(shape.slice(axis, shape.rank()).dims());
    return List.of(node.type(0).withShape(new Shape(List.of(rows, columns))));
  }

  private static List<ValueType> expand(ShapeContext node) {
    Shape wanted = new Shape(node.dims(1));
    Shape shape =
        node.entries(1).isPresent() || node.shape(0).rank() == 0
            ? Shape.broadcast(node.shape(0), wanted)
            : expandOpen(node.shape(0), wanted);
    return List.of(node.type(0).withShape(shape));
  }

  /** Sizes other than 1 stay as they are, whatever they meet. */
  private static Shape expandOpen(Shape from, Shape wanted) {
    Shape shape = wanted;
    for (int back = 1; back <= from.rank(); back++) {
      Dim dim = from.dim(-back);
      if (back > wanted.rank()) {
        shape = shape.insert(0, dim);
      } else if (dim.isFixed() && !dim.isOne()) {
        shape = shape.with(-back, dim);
      }
    }
    return shape;
  }

  private static List<ValueType> shape(ShapeContext node) {
    int rank = ShapeVectors.part(node.shape(0), node.attributes()).rank();
    return List.of(ValueType.of(DType.INT64, rank));
  }

  private static List<ValueType> constantOfShape(ShapeContext node) {
    Constant value = node.attributes().constant("value");
    DType type = value == null ? DType.FLOAT32 : value.type().type();
    return List.of(new ValueType(type, new Shape(node.dims(0))));
  }
}

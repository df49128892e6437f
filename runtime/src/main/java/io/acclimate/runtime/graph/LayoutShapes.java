package io.acclimate.runtime.graph;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.DType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;

/** Shape rules of operators that arrange elements anew. */
final class LayoutShapes {
  private LayoutShapes() {}

  static void register(Map<String, ShapeRule> rules) {
    rules.put("Reshape", LayoutShapes::reshape);
    rules.put("Transpose", LayoutShapes::transpose);
    rules.put("Squeeze", LayoutShapes::squeeze);
    rules.put("Unsqueeze", LayoutShapes::unsqueeze);
    rules.put("Flatten", LayoutShapes::flatten);
    rules.put("Concat", LayoutShapes::concat);
    rules.put("Split", LayoutShapes::split);
    rules.put("Slice", LayoutShapes::slice);
    rules.put("Pad", LayoutShapes::pad);
    rules.put("Expand", LayoutShapes::expand);
    rules.put("Tile", LayoutShapes::tile);
    rules.put("Shape", node -> List.of(ValueType.of(DType.INT64, node.shape(0).rank())));
    rules.put("Size", node -> List.of(ValueType.of(DType.INT64)));
    rules.put("ConstantOfShape", LayoutShapes::constantOfShape);
  }

  private static List<ValueType> reshape(ShapeContext node) {
    Shape from = node.shape(0);
    if (node.constant(1).isEmpty()) {
      return List.of(node.type(0).withShape(openShape(node)));
    }
    long[] wanted = node.longs(1);
    boolean zeroIsZero = node.attributes().integer("allowzero", 0) != 0;
    List<Dim> dims = new ArrayList<>();
    int open = -1;
    for (int axis = 0; axis < wanted.length; axis++) {
      if (wanted[axis] == 0 && !zeroIsZero) {
        dims.add(from.dim(axis));
      } else if (wanted[axis] == -1) {
        open = axis;
        dims.add(Dim.of(1));
      } else {
        dims.add(Dim.of(wanted[axis]));
      }
    }
    if (open >= 0) {
      dims.set(open, remaining(node, from, dims));
    } else if (from.isStatic() && new Shape(dims).isStatic()) {
      requireSameCount(from, new Shape(dims), Arrays.toString(wanted));
    }
    return List.of(node.type(0).withShape(new Shape(dims)));
  }

  /** A shape whose rank is known but whose sizes come from another value of the call. */
  private static Shape openShape(ShapeContext node) {
    long rank = node.shape(1).size(0);
    if (rank < 0) {
      throw new AcclimateException("the rank of the result is not known");
    }
    return new Shape(
        IntStream.range(0, (int) rank).mapToObj(axis -> node.unknown("dim" + axis)).toList());
  }

  /** The size that -1 stands for. */
  private static Dim remaining(ShapeContext node, Shape from, List<Dim> dims) {
    List<Dim> above = new ArrayList<>(from.dims());
    List<Dim> below = new ArrayList<>();
    for (Dim dim : dims) {
      if (dim.isFixed() || !above.remove(dim)) {
        below.add(dim);
      }
    }
    long symbols = above.stream().filter(dim -> !dim.isFixed()).count();
    if (below.stream().anyMatch(dim -> !dim.isFixed()) || symbols > 1) {
      return node.unknown("rest");
    }
    long top = above.stream().filter(Dim::isFixed).mapToLong(Dim::size).reduce(1, (x, y) -> x * y);
    long bottom = below.stream().mapToLong(Dim::size).reduce(1, (x, y) -> x * y);
    if (bottom == 0 || top % bottom != 0) {
      throw new AcclimateException("cannot reshape " + from + " to " + new Shape(dims));
    }
    if (symbols == 0) {
      return Dim.of(top / bottom);
    }
    return top == bottom
        ? above.stream().filter(dim -> !dim.isFixed()).findFirst().orElseThrow()
        : node.unknown("rest");
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
    List<Dim> dims = new ArrayList<>();
    for (int axis = 0; axis < shape.rank(); axis++) {
      dims.add(perm == null ? shape.dim(shape.rank() - 1 - axis) : shape.dim((int) perm[axis]));
    }
    return List.of(node.type(0).withShape(new Shape(dims)));
  }

  private static List<ValueType> squeeze(ShapeContext node) {
    Shape shape = node.shape(0);
    long[] given = node.longs(1, "axes");
    Set<Integer> axes = new TreeSet<>();
    for (int axis = 0; axis < shape.rank(); axis++) {
      if (given == null && shape.dim(axis).isOne()) {
        axes.add(axis);
      }
    }
    for (long axis : given == null ? new long[0] : given) {
      if (!shape.dim(shape.axis(axis)).isOne()) {
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
      axes.add((int) (axis < 0 ? axis + rank : axis));
    }
    for (int axis : axes) {
      shape = shape.insert(axis, Dim.of(1));
    }
    return List.of(node.type(0).withShape(shape));
  }

  private static List<ValueType> flatten(ShapeContext node) {
    Shape shape = node.shape(0);
    long given = node.attributes().integer("axis", 1);
    int axis = (int) (given < 0 ? given + shape.rank() : given);
    Dim rows = product(node, shape.slice(0, axis), "rows");
    Dim columns = product(node, shape.slice(axis, shape.rank()), "columns");
    return List.of(node.type(0).withShape(new Shape(List.of(rows, columns))));
  }

  private static Dim product(ShapeContext node, Shape part, String what) {
    if (part.isStatic()) {
      return Dim.of(part.elements());
    }
    List<Dim> large = part.dims().stream().filter(dim -> !dim.isOne()).toList();
    return large.size() == 1 ? large.get(0) : node.unknown(what);
  }

  private static List<ValueType> concat(ShapeContext node) {
    Shape shape = node.shape(0);
    int axis = shape.axis(node.attributes().integer("axis", 0));
    List<Dim> parts = new ArrayList<>();
    for (int i = 0; i < node.node().inputs().size(); i++) {
      Shape other = node.shape(i);
      if (other.rank() != shape.rank()
          || !other.with(axis, Dim.of(1)).equals(shape.with(axis, Dim.of(1)))
          || node.type(i).type() != node.type(0).type()) {
        throw new AcclimateException(
            "cannot join %s and %s along axis %d".formatted(node.type(0), node.type(i), axis));
      }
      parts.add(other.dim(axis));
    }
    return List.of(node.type(0).withShape(shape.with(axis, sum(node, parts))));
  }

  private static Dim sum(ShapeContext node, List<Dim> parts) {
    List<Dim> open = parts.stream().filter(dim -> !dim.isFixed()).toList();
    long fixed = parts.stream().filter(Dim::isFixed).mapToLong(Dim::size).sum();
    if (open.isEmpty()) {
      return Dim.of(fixed);
    }
    return open.size() == 1 && fixed == 0 ? open.get(0) : node.unknown("sum");
  }

  private static List<ValueType> split(ShapeContext node) {
    Shape shape = node.shape(0);
    int axis = shape.axis(node.attributes().integer("axis", 0));
    long[] sizes = node.longs(1, "split");
    if (sizes == null) {
      sizes = evenly(shape.dim(axis), node.results());
    }
    if (Arrays.stream(sizes).sum() != shape.size(axis)) {
      throw new AcclimateException(
          "parts %s do not add up to axis %d of %s".formatted(Arrays.toString(sizes), axis, shape));
    }
    return Arrays.stream(sizes)
        .mapToObj(size -> node.type(0).withShape(shape.with(axis, Dim.of(size))))
        .toList();
  }

  private static long[] evenly(Dim whole, int parts) {
    if (!whole.isFixed()) {
      throw new AcclimateException("cannot split the open dimension " + whole);
    }
    long size = (whole.size() + parts - 1) / parts;
    long[] sizes = new long[parts];
    Arrays.fill(sizes, size);
    sizes[parts - 1] = whole.size() - size * (parts - 1);
    return sizes;
  }

  private static List<ValueType> slice(ShapeContext node) {
    Shape shape = node.shape(0);
    long[] starts = node.longs(1, "starts");
    long[] ends = node.longs(2, "ends");
    long[] axes = node.longs(3, "axes");
    long[] steps = node.node().hasInput(4) ? node.longs(4) : null;
    for (int i = 0; i < starts.length; i++) {
      int axis = axes == null ? i : shape.axis(axes[i]);
      long step = steps == null ? 1 : steps[i];
      Dim dim = shape.dim(axis);
      boolean whole = step == 1 && starts[i] == 0 && ends[i] >= Integer.MAX_VALUE;
      if (!dim.isFixed() && !whole) {
        shape = shape.with(axis, node.unknown("slice" + axis));
      } else if (dim.isFixed()) {
        shape = shape.with(axis, Dim.of(SliceRange.of(starts[i], ends[i], step, dim).length()));
      }
    }
    return List.of(node.type(0).withShape(shape));
  }

  private static List<ValueType> pad(ShapeContext node) {
    Shape shape = node.shape(0);
    long[] pads = node.longs(1, "pads");
    long[] axes =
        node.node().hasInput(3)
            ? node.longs(3)
            : IntStream.range(0, shape.rank()).asLongStream().toArray();
    for (int i = 0; i < axes.length; i++) {
      int axis = shape.axis(axes[i]);
      long more = pads[i] + pads[i + axes.length];
      if (more != 0) {
        Dim dim = shape.dim(axis);
        shape =
            shape.with(
                axis, dim.isFixed() ? Dim.of(dim.size() + more) : node.unknown("pad" + axis));
      }
    }
    return List.of(node.type(0).withShape(shape));
  }

  private static List<ValueType> expand(ShapeContext node) {
    if (node.constant(1).isEmpty()) {
      return List.of(node.type(0).withShape(openShape(node)));
    }
    return List.of(node.type(0).withShape(Shape.broadcast(node.shape(0), Shape.of(node.longs(1)))));
  }

  private static List<ValueType> tile(ShapeContext node) {
    Shape shape = node.shape(0);
    long[] repeats = node.longs(1);
    for (int axis = 0; axis < repeats.length; axis++) {
      Dim dim = shape.dim(axis);
      if (repeats[axis] != 1) {
        shape =
            shape.with(
                axis,
                dim.isFixed() ? Dim.of(dim.size() * repeats[axis]) : node.unknown("tile" + axis));
      }
    }
    return List.of(node.type(0).withShape(shape));
  }

  private static List<ValueType> constantOfShape(ShapeContext node) {
    Constant value = node.attributes().constant("value");
    DType type = value == null ? DType.FLOAT32 : value.type().type();
    if (node.constant(0).isPresent()) {
      return List.of(ValueType.of(type, node.longs(0)));
    }
    long rank = node.shape(0).size(0);
    if (rank < 0) {
      throw new AcclimateException("the rank of the result is not known");
    }
    return List.of(
        new ValueType(
            type,
            new Shape(
                IntStream.range(0, (int) rank)
                    .mapToObj(axis -> node.unknown("dim" + axis))
                    .toList())));
  }
}

package io.acclimate.runtime.graph;

import io.acclimate.runtime.AcclimateException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/** Shape rules of operators that join, cut and repeat parts of axes. */
final class PartShapes {
  private PartShapes() {}

  static void register(Map<String, ShapeRule> rules) {
    rules.put("Concat", PartShapes::concat);
    rules.put("Split", PartShapes::split);
    rules.put("Slice", PartShapes::slice);
    rules.put("Pad", PartShapes::pad);
    rules.put("Tile", PartShapes::tile);
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
    return List.of(node.type(0).withShape(shape.with(axis, Dim.sum(parts))));
  }

  private static List<ValueType> split(ShapeContext node) {
    Shape shape = node.shape(0);
    int axis = shape.axis(node.attributes().integer("axis", 0));
    List<Dim> sizes = parts(node, shape.dim(axis));
    Dim whole = Dim.sum(sizes);
    if (sizes.size() != node.results() || whole.isFixed() && !whole.equals(shape.dim(axis))) {
      throw new AcclimateException(
          "%d parts %s do not make up axis %d of %s".formatted(node.results(), sizes, axis, shape));
    }
    return sizes.stream().map(size -> node.type(0).withShape(shape.with(axis, size))).toList();
  }

  private static List<Dim> parts(ShapeContext node, Dim whole) {
    if (node.node().hasInput(1)) {
      return node.dims(1);
    }
    return Arrays.stream(evenly(whole, node.results())).mapToObj(Dim::of).toList();
  }

  private static long[] evenly(Dim whole, int parts) {
    if (!whole.isFixed()) {
      throw new AcclimateException("cannot split the open dimension " + whole);
    }
    long size = (whole.size() + parts - 1) / parts;
    long[] sizes = new long[parts];
    Arrays.fill(sizes, size);
    sizes[parts - 1] = whole.size() - size * (parts - 1);
    if (sizes[parts - 1] < 0) {
      throw new AcclimateException("cannot split " + whole + " into " + parts + " parts");
    }
    return sizes;
  }

  private static List<ValueType> slice(ShapeContext node) {
    Shape shape = node.shape(0);
    Optional<long[]> starts = node.knownLongs(1);
    Optional<long[]> ends = node.knownLongs(2);
    Optional<long[]> steps = node.knownLongs(4);
    boolean known =
        starts.isPresent() && ends.isPresent() && steps.isPresent() == node.node().hasInput(4);
    int[] axes = axes(node, starts.map(array -> array.length).orElse(shape.rank()));
    for (int i = 0; i < axes.length; i++) {
      Dim dim = shape.dim(axes[i]);
      Dim part =
          known
              ? part(dim, starts.get()[i], ends.get()[i], steps.isPresent() ? steps.get()[i] : 1)
              : node.unknown("slice" + axes[i]);
      shape = shape.with(axes[i], part);
    }
    return List.of(node.type(0).withShape(shape));
  }

  private static Dim part(Dim dim, long start, long end, long step) {
    if (dim.isFixed()) {
      return Dim.of(SliceRange.of(start, end, step, dim).length());
    }
    boolean whole = step == 1 && start == 0 && end >= Integer.MAX_VALUE;
    return whole ? dim : Dim.symbol("%s[%d:%d:%d]".formatted(dim, start, end, step));
  }

  /** The axes that input 3 lists, else the first ones. */
  private static int[] axes(ShapeContext node, int count) {
    return node.node().hasInput(3)
        ? Arrays.stream(node.longs(3)).mapToInt(node.shape(0)::axis).toArray()
        : IntStream.range(0, count).toArray();
  }

  private static List<ValueType> pad(ShapeContext node) {
    Shape shape = node.shape(0);
    int[] axes = axes(node, shape.rank());
    Optional<long[]> known = node.knownLongs(1);
    if (known.isEmpty()) {
      for (int axis : axes) {
        shape = shape.with(axis, node.unknown("pad" + axis));
      }
      return List.of(node.type(0).withShape(shape));
    }
    long[] pads = known.get();
    if (pads.length != 2 * axes.length) {
      throw new AcclimateException(
          "expected %d paddings for %s, found %d".formatted(2 * axes.length, shape, pads.length));
    }
    for (int i = 0; i < axes.length; i++) {
      long more = pads[i] + pads[i + axes.length];
      Dim dim = shape.dim(axes[i]);
      shape = shape.with(axes[i], padded(node, axes[i], dim, more));
    }
    return List.of(node.type(0).withShape(shape));
  }

  private static Dim padded(ShapeContext node, int axis, Dim dim, long more) {
    if (dim.isFixed()) {
      return Dim.of(dim.size() + more);
    }
    return more < 0 ? node.unknown("pad" + axis) : Dim.sum(List.of(dim, Dim.of(more)));
  }

  private static List<ValueType> tile(ShapeContext node) {
    List<Dim> repeats = node.dims(1);
    Shape shape = node.shape(0);
    if (repeats.size() != shape.rank()) {
      throw new AcclimateException(
          "expected a repeat for each axis of %s, found %s".formatted(shape, repeats));
    }
    List<Dim> dims = new ArrayList<>();
    for (int axis = 0; axis < shape.rank(); axis++) {
      dims.add(Dim.product(List.of(shape.dim(axis), repeats.get(axis))));
    }
    return List.of(node.type(0).withShape(new Shape(dims)));
  }
}

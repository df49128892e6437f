package io.acclimate.runtime.autodiff;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.graph.Attributes;
import io.acclimate.runtime.graph.Dim;
import io.acclimate.runtime.graph.Ops;
import io.acclimate.runtime.graph.Shape;
import io.acclimate.runtime.graph.SliceRange;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** Gradient rules of operators that join, cut and repeat parts of axes. */
final class PartGradients {
  private PartGradients() {}

  static void register(Map<String, GradientRule> rules) {
    rules.put("Concat", PartGradients::concat);
    rules.put("Split", PartGradients::split);
    rules.put("Slice", PartGradients::slice);
    rules.put("Pad", PartGradients::pad);
    rules.put("Tile", PartGradients::tile);
  }

  private static void concat(BackwardContext node) {
    Ops ops = node.ops();
    int axis = node.shape(0).axis(node.attributes().integer("axis", 0));
    int count = node.node().inputs().size();
    if (IntStream.range(0, count).anyMatch(i -> !node.shape(i).dim(axis).isFixed())) {
      concatOpen(node, axis, count);
      return;
    }
    long start = 0;
    for (int i = 0; i < count; i++) {
      long size = node.shape(i).size(axis);
      if (node.wants(i)) {
        node.give(i, ops.slice(node.gradient(), axis, start, start + size));
      }
      start += size;
    }
  }

  private static void concatOpen(BackwardContext node, int axis, int count) {
    Ops ops = node.ops();
    List<String> sizes =
        IntStream.range(0, count).mapToObj(i -> ops.sizes().of(node.input(i), axis)).toList();
    List<String> parts =
        ops.graph()
            .nodes(
                "Split",
                Attributes.of("axis", axis),
                count,
                node.gradient(),
                ops.sizes().join(sizes));
    for (int i = 0; i < count; i++) {
      if (node.wants(i)) {
        node.give(i, parts.get(i));
      }
    }
  }

  private static void split(BackwardContext node) {
    Ops ops = node.ops();
    int axis = node.shape(0).axis(node.attributes().integer("axis", 0));
    List<String> parts = new ArrayList<>();
    for (int i = 0; i < node.node().outputs().size(); i++) {
      String part = node.node().outputs().get(i);
      parts.add(node.gradient(i).orElseGet(() -> AxisScatter.zerosLike(ops, part)));
    }
    node.give(0, ops.reshapeLike(ops.concat(axis, parts), node.input(0)));
  }

  /** Zeros stand where nothing was taken. */
  private static void slice(BackwardContext node) {
    Ops ops = node.ops();
    Shape shape = node.shape(0);
    int[] axes =
        node.node().hasInput(3)
            ? Arrays.stream(node.longs(3)).mapToInt(shape::axis).toArray()
            : IntStream.range(0, (int) ops.shape(node.input(1)).size(0)).toArray();
    String gradient = node.gradient();
    long[] pads = new long[2 * shape.rank()];
    for (int i = 0; i < axes.length; i++) {
      Dim dim = shape.dim(axes[i]);
      SliceRange range = dim.isFixed() ? range(node, i, dim) : null;
      if (range != null && range.step() == 1) {
        pads[axes[i]] = range.start();
        pads[axes[i] + shape.rank()] = dim.size() - range.start() - range.length();
      } else {
        String size = ops.sizes().of(node.input(0), axes[i]);
        String indices =
            range == null ? takenInCall(node, i, size) : ops.list(range.indices().toArray());
        gradient = AxisScatter.add(ops, gradient, axes[i], indices, size);
      }
    }
    node.give(0, AxisScatter.pad(ops, gradient, pads));
  }

  private static SliceRange range(BackwardContext node, int i, Dim dim) {
    long step = node.node().hasInput(4) ? node.longs(4)[i] : 1;
    return SliceRange.of(node.longs(1)[i], node.longs(2)[i], step, dim);
  }

  /** The indices that a slice of an open axis takes: the same slice of all indices. */
  private static String takenInCall(BackwardContext node, int i, String size) {
    Ops ops = node.ops();
    String first = ops.list(0);
    String step = node.node().hasInput(4) ? pick(node, 4, i) : ops.list(1);
    return ops.op(
        "Slice",
        Attributes.NONE,
        ops.sizes().range(size),
        pick(node, 1, i),
        pick(node, 2, i),
        first,
        step);
  }

  private static String pick(BackwardContext node, int input, int i) {
    return node.ops()
        .graph()
        .knownLongs(node.input(input))
        .map(numbers -> node.ops().list(numbers[i]))
        .orElseGet(() -> node.ops().slice(node.input(input), 0, i, i + 1));
  }

  private static void pad(BackwardContext node) {
    String mode = node.attributes().text("mode", "constant");
    if (mode.equals("constant")) {
      padConstant(node);
      return;
    }
    Ops ops = node.ops();
    Shape shape = node.shape(0);
    long[] pads = pads(node);
    String gradient = node.gradient();
    for (int axis = 0; axis < shape.rank(); axis++) {
      long before = pads[axis];
      long after = pads[axis + shape.rank()];
      if (before != 0 || after != 0) {
        long size = shape.size(axis);
        if (size < 1) {
          throw new AcclimateException(
              "%s: padding in mode %s of an axis of size %s cannot be differentiated"
                  .formatted(node.node(), mode, shape.dim(axis)));
        }
        long[] sources =
            LongStream.range(-before, size + after).map(i -> source(mode, i, size)).toArray();
        gradient = AxisScatter.add(ops, gradient, axis, ops.list(sources), ops.list(size));
      }
    }
    node.give(0, gradient);
  }

  /** Where a padded element comes from. */
  private static long source(String mode, long index, long size) {
    return switch (mode) {
      case "edge" -> Math.min(Math.max(index, 0), size - 1);
      case "wrap" -> Math.floorMod(index, size);
      case "reflect" -> {
        long period = Math.max(1, 2 * (size - 1));
        long place = Math.floorMod(index, period);
        yield Math.min(place, period - place);
      }
      default -> throw new AcclimateException("unknown padding mode " + mode);
    };
  }

  /** The paddings of all axes: those before, then those after. */
  private static long[] pads(BackwardContext node) {
    long[] given = node.longs(1);
    if (!node.node().hasInput(3)) {
      return given;
    }
    Shape shape = node.shape(0);
    long[] axes = node.longs(3);
    long[] pads = new long[2 * shape.rank()];
    for (int i = 0; i < axes.length; i++) {
      pads[shape.axis(axes[i])] = given[i];
      pads[shape.axis(axes[i]) + shape.rank()] = given[i + axes.length];
    }
    return pads;
  }

  private static void padConstant(BackwardContext node) {
    Ops ops = node.ops();
    long[] opposite = Arrays.stream(pads(node)).map(pad -> -pad).toArray();
    String inside = AxisScatter.pad(ops, node.gradient(), opposite);
    if (node.wants(0)) {
      node.give(0, ops.reshapeLike(inside, node.input(0)));
    }
    if (node.wants(2)) {
      String outside = ops.sub(ops.reduceSum(node.gradient(), false), ops.reduceSum(inside, false));
      node.give(2, ops.reshapeLike(outside, node.input(2)));
    }
  }

  /** The repetitions get an axis of their own and are summed. */
  private static void tile(BackwardContext node) {
    Ops ops = node.ops();
    long[] repeats = node.longs(1);
    List<String> sizes = new ArrayList<>();
    List<Long> summed = new ArrayList<>();
    for (int axis = 0; axis < repeats.length; axis++) {
      if (repeats[axis] != 1) {
        summed.add((long) sizes.size());
        sizes.add(ops.list(repeats[axis]));
      }
      sizes.add(ops.sizes().of(node.input(0), axis));
    }
    if (summed.isEmpty()) {
      node.give(0, node.gradient());
      return;
    }
    String apart = ops.reshapeTo(node.gradient(), ops.sizes().join(sizes));
    long[] axes = summed.stream().mapToLong(Long::longValue).toArray();
    node.give(0, ops.reduceSum(apart, false, axes));
  }
}

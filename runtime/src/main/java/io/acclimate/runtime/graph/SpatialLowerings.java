package io.acclimate.runtime.graph;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/**
 * Convolutions and pooling in double precision: the elements of each window are gathered, and a
 * matrix product or a reduction goes over them.
 */
final class SpatialLowerings {
  private SpatialLowerings() {}

  static void register(Map<String, Decomposition> lowerings) {
    lowerings.put("Conv", SpatialLowerings::convolution);
    lowerings.put("ConvTranspose", SpatialLowerings::transposedConvolution);
    lowerings.put("AveragePool", SpatialLowerings::averagePool);
    lowerings.put("GlobalAveragePool", (ops, node, in) -> globalPool(ops, "ReduceMean", in));
    lowerings.put("GlobalMaxPool", (ops, node, in) -> globalPool(ops, "ReduceMax", in));
  }

  /** Where along one axis an element of a window lies in the input; outside when negative. */
  private interface Place {
    long of(int axis, long output, long kernel);
  }

  private static List<String> convolution(Ops ops, Node node, List<String> inputs) {
    Shape weight = ops.shape(inputs.get(1));
    long[] sizes = space(ops.shape(inputs.get(0)));
    long[] outputs = space(result(ops, node, inputs));
    SpatialWindow window = SpatialWindow.of(node.attributes(), weight.slice(2, weight.rank()));
    long[] places = places(window.kernel(), sizes, outputs, forward(window, sizes));
    long group = node.attributes().integer("group", 1);
    String matrix = ops.reshape(inputs.get(1), group, weight.size(0) / group, -1);
    return List.of(product(ops, matrix, gathered(ops, inputs.get(0), places), outputs, inputs));
  }

  /** A convolution of the input with zeros between its elements, by the mirrored kernel. */
  private static List<String> transposedConvolution(Ops ops, Node node, List<String> inputs) {
    Shape weight = ops.shape(inputs.get(1));
    long[] sizes = space(ops.shape(inputs.get(0)));
    long[] outputs = space(result(ops, node, inputs));
    SpatialWindow window = SpatialWindow.of(node.attributes(), weight.slice(2, weight.rank()));
    long[] extra = node.attributes().integers("output_padding");
    boolean sized = node.attributes().has("output_shape");
    Place mirrored =
        (axis, output, kernel) -> {
          long more = extra == null ? 0 : extra[axis];
          long cut = window.cutBefore(sizes[axis], outputs[axis], axis, more, sized);
          long place = output + cut - kernel * window.dilations()[axis];
          return place % window.strides()[axis] == 0 ? place / window.strides()[axis] : -1;
        };
    long[] places = places(window.kernel(), sizes, outputs, mirrored);
    long group = node.attributes().integer("group", 1);
    long filters = weight.size(1);
    String split = ops.reshape(inputs.get(1), group, weight.size(0) / group, filters, -1);
    String matrix = ops.reshape(ops.transpose(split, 0, 2, 1, 3), group, filters, -1);
    return List.of(product(ops, matrix, gathered(ops, inputs.get(0), places), outputs, inputs));
  }

  private static List<String> averagePool(Ops ops, Node node, List<String> inputs) {
    Shape shape = ops.shape(inputs.get(0));
    long[] sizes = space(shape);
    long[] outputs = space(result(ops, node, inputs));
    SpatialWindow window =
        SpatialWindow.of(node.attributes(), Shape.of(node.attributes().integers("kernel_shape")));
    long[] places = places(window.kernel(), sizes, outputs, forward(window, sizes));
    boolean padded = node.attributes().integer("count_include_pad", 0) != 0;
    long count = product(outputs);
    Constant shares =
        Constant.ofDoubles(
            ops.type(inputs.get(0)).type(), window.averageShares(sizes, padded), count);
    String elements =
        ops.reshape(gathered(ops, inputs.get(0), places), 0, 0, product(window.kernel()), count);
    String mean = ops.mul(ops.reduceSum(elements, false, 2), ops.graph().constant(shares));
    return List.of(ops.reshape(mean, sizes(shape.size(1), outputs)));
  }

  private static List<String> globalPool(Ops ops, String reduction, List<String> inputs) {
    int rank = ops.shape(inputs.get(0)).rank();
    String axes = ops.list(LongStream.range(2, rank).toArray());
    return List.of(ops.op(reduction, Attributes.NONE, inputs.get(0), axes));
  }

  private static Place forward(SpatialWindow window, long[] sizes) {
    return (axis, output, kernel) ->
        output * window.strides()[axis]
            + kernel * window.dilations()[axis]
            - window.before(sizes[axis], axis);
  }

  private static Shape result(Ops ops, Node node, List<String> inputs) {
    return ShapeInference.infer(node.withInputs(inputs), ops.graph()).get(0).shape();
  }

  private static long[] space(Shape shape) {
    Shape space = shape.slice(2, shape.rank());
    space.elements();
    return space.sizes();
  }

  private static long product(long[] sizes) {
    return Arrays.stream(sizes).reduce(1, (a, b) -> a * b);
  }

  /** Sizes for a reshape that keeps the batch. */
  private static long[] sizes(long channels, long[] space) {
    return LongStream.concat(LongStream.of(0, channels), Arrays.stream(space)).toArray();
  }

  /**
   * For each element of the kernel and each output, in row-major order, the flat place in the
   * input; the number of places where it lies outside.
   */
  private static long[] places(long[] kernel, long[] sizes, long[] outputs, Place place) {
    long outside = product(sizes);
    long windows = product(outputs);
    long[] places = new long[Math.toIntExact(product(kernel) * windows)];
    for (int i = 0; i < places.length; i++) {
      long flat = flat(i / windows, i % windows, kernel, sizes, outputs, place);
      places[i] = flat < 0 ? outside : flat;
    }
    return places;
  }

  private static long flat(
      long element, long window, long[] kernel, long[] sizes, long[] outputs, Place place) {
    long flat = 0;
    long scale = 1;
    for (int axis = kernel.length - 1; axis >= 0; axis--) {
      long at = place.of(axis, window % outputs[axis], element % kernel[axis]);
      if (at < 0 || at >= sizes[axis]) {
        return -1;
      }
      flat += at * scale;
      scale *= sizes[axis];
      window /= outputs[axis];
      element /= kernel[axis];
    }
    return flat;
  }

  /** The elements at flat places of each channel, {@code [N, C, places]}; 0 outside. */
  private static String gathered(Ops ops, String x, long[] places) {
    String flat = ops.reshape(x, 0, 0, -1);
    String padded = ops.op("Pad", Attributes.NONE, flat, ops.list(0, 0, 0, 0, 0, 1));
    return ops.gather(padded, ops.list(places), 2);
  }

  /** {@code [groups, filters, elements]} times the windows' elements, and the bias. */
  private static String product(
      Ops ops, String matrix, String gathered, long[] outputs, List<String> inputs) {
    Shape shape = ops.shape(matrix);
    long filters = shape.size(0) * shape.size(1);
    String columns = ops.reshape(gathered, 0, shape.size(0), shape.size(2), product(outputs));
    String y = ops.reshape(ops.matMul(matrix, columns), sizes(filters, outputs));
    if (inputs.size() < 3 || inputs.get(2).isEmpty()) {
      return y;
    }
    long[] channel = new long[outputs.length + 1];
    Arrays.fill(channel, 1);
    channel[0] = filters;
    return ops.add(y, ops.reshape(inputs.get(2), channel));
  }
}

package io.acclimate.runtime.graph;

import io.acclimate.runtime.DType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Appends operators to a graph under construction; each method gives the name of its result.
 *
 * <p>Arguments are names of values. Broadcasting and axes are ONNX's; negative axes count from the
 * end. Not thread-safe.
 */
public final class Ops {
  private final GraphBuilder graph;
  private final Sizes sizes;

  Ops(GraphBuilder graph) {
    this.graph = graph;
    this.sizes = new Sizes(this);
  }

  /** The graph that is built. */
  public GraphBuilder graph() {
    return graph;
  }

  /** The type of a value. */
  public ValueType type(String value) {
    return graph.type(value);
  }

  /** The shape of a value. */
  public Shape shape(String value) {
    return graph.type(value).shape();
  }

  /** Values that depend on sizes. */
  public Sizes sizes() {
    return sizes;
  }

  /** Any operator with one result. */
  public String op(String op, Attributes attributes, String... operands) {
    return graph.node(op, attributes, operands);
  }

  private String op(String op, String... operands) {
    return graph.node(op, Attributes.NONE, operands);
  }

  /** A constant with the element type of another value. */
  public String scalarLike(String value, double number) {
    return graph.constant(Constant.scalar(graph.type(value).type(), number));
  }

  /** A constant list of whole numbers. */
  public String list(long... values) {
    return graph.constant(Constant.ofList(values));
  }

  /** a + b. */
  public String add(String a, String b) {
    return op("Add", a, b);
  }

  /** a + number. */
  public String add(String a, double number) {
    return op("Add", a, scalarLike(a, number));
  }

  /** a - b. */
  public String sub(String a, String b) {
    return op("Sub", a, b);
  }

  /** a b, element by element. */
  public String mul(String a, String b) {
    return op("Mul", a, b);
  }

  /** a times a number. */
  public String mul(String a, double number) {
    return op("Mul", a, scalarLike(a, number));
  }

  /** a / b. */
  public String div(String a, String b) {
    return op("Div", a, b);
  }

  /** -a. */
  public String neg(String a) {
    return op("Neg", a);
  }

  /** 1 / a. */
  public String reciprocal(String a) {
    return op("Reciprocal", a);
  }

  /** The square root. */
  public String sqrt(String a) {
    return op("Sqrt", a);
  }

  /** e to the power of a. */
  public String exp(String a) {
    return op("Exp", a);
  }

  /** The natural logarithm. */
  public String log(String a) {
    return op("Log", a);
  }

  /** The absolute value. */
  public String abs(String a) {
    return op("Abs", a);
  }

  /** -1, 0 or 1. */
  public String sign(String a) {
    return op("Sign", a);
  }

  /** a to the power of b. */
  public String pow(String a, String b) {
    return op("Pow", a, b);
  }

  /** The hyperbolic tangent. */
  public String tanh(String a) {
    return op("Tanh", a);
  }

  /** 1 / (1 + exp(-a)). */
  public String sigmoid(String a) {
    return op("Sigmoid", a);
  }

  /** max(a, 0). */
  public String relu(String a) {
    return op("Relu", a);
  }

  /** The larger one. */
  public String max(String a, String b) {
    return op("Max", a, b);
  }

  /** The smaller one. */
  public String min(String a, String b) {
    return op("Min", a, b);
  }

  /** The values of one type as another. */
  public String cast(String a, DType type) {
    return graph.type(a).type() == type ? a : op("Cast", Attributes.of("to", type.onnxCode()), a);
  }

  /** 1 where a condition holds, else 0, in the element type of {@code like}. */
  public String indicator(String condition, String like) {
    return cast(condition, graph.type(like).type());
  }

  /** a == b. */
  public String equal(String a, String b) {
    return op("Equal", a, b);
  }

  /** a &gt; b. */
  public String greater(String a, String b) {
    return op("Greater", a, b);
  }

  /** a &lt; b. */
  public String less(String a, String b) {
    return op("Less", a, b);
  }

  /** a where the condition holds, else b. */
  public String where(String condition, String a, String b) {
    return op("Where", condition, a, b);
  }

  /** The matrix product over the last two axes. */
  public String matMul(String a, String b) {
    return op("MatMul", a, b);
  }

  /** A value that no gradient passes. */
  public String stopGradient(String a) {
    return marker("StopGradient", a);
  }

  /** The value {@code forward}, whose gradient goes to {@code backward} of the same type. */
  public String straightThrough(String forward, String backward) {
    return marker("StraightThrough", forward, backward);
  }

  private String marker(String op, String... operands) {
    Node node =
        new Node(
            graph.fresh(op + ".node"),
            op,
            Markers.DOMAIN,
            List.of(operands),
            List.of(graph.fresh(op)),
            Attributes.NONE);
    return graph.add(node).get(0);
  }

  /**
   * A sum of products in Einstein's notation, ONNX's {@code Einsum}, by matrix products. ONNX
   * Runtime 1.28's own operator is slow, and ends the process when a letter of size 0 is summed.
   *
   * @param equation such as {@code bij,bjk->bik}
   */
  public String einsum(String equation, String... operands) {
    return Contraction.append(this, equation, List.of(operands));
  }

  /** The softmax along one axis. */
  public String softmax(String a, int axis) {
    return op("Softmax", Attributes.of("axis", axis), a);
  }

  /** The logarithm of the softmax along one axis. */
  public String logSoftmax(String a, int axis) {
    return op("LogSoftmax", Attributes.of("axis", axis), a);
  }

  /** The axes in another order. */
  public String transpose(String a, int... order) {
    if (IntStream.range(0, order.length).allMatch(i -> order[i] == i)) {
      return a;
    }
    long[] perm = Arrays.stream(order).asLongStream().toArray();
    return op("Transpose", Attributes.of("perm", perm), a);
  }

  /** The last two axes exchanged. */
  public String transposeLast(String a) {
    int rank = shape(a).rank();
    int[] order = IntStream.range(0, rank).toArray();
    order[rank - 1] = rank - 2;
    order[rank - 2] = rank - 1;
    return transpose(a, order);
  }

  /** Another shape for the same elements; -1 once for the size that follows, 0 to keep one. */
  public String reshape(String a, long... sizes) {
    return op("Reshape", a, list(sizes));
  }

  /** The shape of another value for the same elements. */
  public String reshapeLike(String a, String other) {
    return shape(a).equals(shape(other)) ? a : reshapeTo(a, shapeOf(other));
  }

  /** Another shape, as a list of sizes in which 0 means 0, for the same elements. */
  public String reshapeTo(String a, String sizes) {
    return op("Reshape", Attributes.of("allowzero", true), a, sizes);
  }

  /** The shape of a value: a constant where it is known, else computed in the call. */
  public String shapeOf(String value) {
    return sizes.of(value, IntStream.range(0, shape(value).rank()).toArray());
  }

  /** A value repeated along the axes in which it has size 1, to the shape of another. */
  public String expandLike(String a, String other) {
    return shape(a).equals(shape(other)) ? a : op("Expand", a, shapeOf(other));
  }

  /** An axis of size 1 at each of the places, counted in the result. */
  public String unsqueeze(String a, long... axes) {
    return axes.length == 0 ? a : op("Unsqueeze", a, list(axes));
  }

  /** The value without these axes of size 1. */
  public String squeeze(String a, long... axes) {
    return axes.length == 0 ? a : op("Squeeze", a, list(axes));
  }

  /** Values joined along an axis. */
  public String concat(int axis, List<String> values) {
    return values.size() == 1
        ? values.get(0)
        : op("Concat", Attributes.of("axis", axis), values.toArray(String[]::new));
  }

  /** The part from {@code start} up to {@code end} of one axis. */
  public String slice(String a, int axis, long start, long end) {
    return op("Slice", a, list(start), list(end), list(axis));
  }

  /** Rows picked along an axis. */
  public String gather(String a, String indices, int axis) {
    return op("Gather", Attributes.of("axis", axis), a, indices);
  }

  /** The sum over some axes; over all when none is given. */
  public String reduceSum(String a, boolean keepAxes, long... axes) {
    return reduce("ReduceSum", a, keepAxes, axes);
  }

  /** The mean over some axes; over all when none is given. */
  public String reduceMean(String a, boolean keepAxes, long... axes) {
    return reduce("ReduceMean", a, keepAxes, axes);
  }

  /** The maximum over some axes; over all when none is given. */
  public String reduceMax(String a, boolean keepAxes, long... axes) {
    return reduce("ReduceMax", a, keepAxes, axes);
  }

  private String reduce(String op, String a, boolean keepAxes, long... axes) {
    Attributes keep = Attributes.of("keepdims", keepAxes);
    return axes.length == 0 ? op(op, keep, a) : op(op, keep, a, list(axes));
  }

  /**
   * Undoes a broadcast: sums a gradient over the axes along which a value of this shape was
   * repeated. The pattern is read from the shapes; a symbol stands for one size everywhere.
   */
  public String sumTo(String gradient, Shape target) {
    Shape source = shape(gradient);
    int extra = source.rank() - target.rank();
    List<Long> axes = new ArrayList<>();
    for (int axis = 0; axis < source.rank(); axis++) {
      boolean added = axis < extra;
      if (added || target.dim(axis - extra).isOne() && !source.dim(axis).isOne()) {
        axes.add((long) axis);
      }
    }
    if (axes.isEmpty()) {
      return gradient;
    }
    String summed = reduceSum(gradient, true, axes.stream().mapToLong(Long::longValue).toArray());
    long[] leading = IntStream.range(0, extra).asLongStream().toArray();
    return squeeze(summed, leading);
  }

  /** The number of elements of some axes, when it is known; else -1. */
  public static long count(Shape shape, int... axes) {
    long count = 1;
    for (int axis : axes) {
      if (shape.size(axis) < 0) {
        return -1;
      }
      count *= shape.size(axis);
    }
    return count;
  }
}

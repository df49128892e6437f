package io.acclimate.runtime.graph;

import io.acclimate.runtime.DType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * What is known of the whole numbers that shape arithmetic computes, so that {@code Reshape(x,
 * Shape(y))} has the symbols of {@code y}.
 */
final class ShapeVectors {
  private static final int LONGEST = 64;

  private final GraphBuilder graph;
  private final Map<String, List<Entry>> known = new HashMap<>();

  /**
   * One number of a vector.
   *
   * @param number the number where it is fixed, which may be negative
   * @param symbol the symbol of the dimension that it is, {@code ""} for a fixed number
   */
  record Entry(long number, String symbol) {
    static Entry of(long number) {
      return new Entry(number, "");
    }

    static Entry of(Dim dim) {
      return new Entry(dim.isFixed() ? dim.size() : 0, dim.symbol());
    }

    boolean isFixed() {
      return symbol.isEmpty();
    }

    boolean isSize() {
      return !isFixed() || number >= 0;
    }

    Dim toDim() {
      return isFixed() ? Dim.of(number) : Dim.symbol(symbol);
    }
  }

  ShapeVectors(GraphBuilder graph) {
    this.graph = graph;
  }

  /** The numbers of a vector, or the one of a scalar. */
  Optional<List<Entry>> of(String value) {
    Constant constant = graph.constantValue(value).orElse(null);
    if (constant == null) {
      return Optional.ofNullable(known.get(value));
    }
    DType type = constant.type().type();
    boolean whole = type == DType.INT64 || type == DType.INT32;
    return whole && constant.elements() <= LONGEST && constant.type().shape().rank() <= 1
        ? Optional.of(
            IntStream.range(0, constant.elements()).mapToObj(i -> at(constant, i)).toList())
        : Optional.empty();
  }

  private static Entry at(Constant constant, int index) {
    return Entry.of(constant.toLongs()[index]);
  }

  /** Follows a node whose results have been typed. */
  void follow(Node node) {
    if (!node.domain().isEmpty() || node.outputs().size() != 1) {
      return;
    }
    evaluate(node)
        .filter(entries -> entries.size() <= LONGEST)
        .ifPresent(entries -> known.put(node.output(), entries));
  }

  private Optional<List<Entry>> evaluate(Node node) {
    return switch (node.op()) {
      case "Shape" -> shape(node);
      case "Size" -> size(node);
      case "Identity", "Cast", "Squeeze", "Unsqueeze" -> same(node);
      case "Concat" -> concat(node);
      case "Gather" -> gather(node);
      case "Slice" -> slice(node);
      case "Add", "Mul" -> combine(node);
      default -> Optional.empty();
    };
  }

  private Optional<List<Entry>> shape(Node node) {
    return typeOf(node.input(0))
        .map(type -> part(type.shape(), node.attributes()).dims().stream().map(Entry::of).toList());
  }

  /** The dimensions that a {@code Shape} node with these attributes gives. */
  static Shape part(Shape shape, Attributes attributes) {
    int start = clamp(attributes.integer("start", 0), shape.rank());
    int end = clamp(attributes.integer("end", shape.rank()), shape.rank());
    return shape.slice(start, Math.max(start, end));
  }

  private static int clamp(long axis, int rank) {
    return (int) Math.min(Math.max(axis < 0 ? axis + rank : axis, 0), rank);
  }

  private Optional<List<Entry>> size(Node node) {
    return typeOf(node.input(0)).map(type -> List.of(Entry.of(Dim.product(type.shape().dims()))));
  }

  private Optional<ValueType> typeOf(String value) {
    return graph.has(value) ? Optional.of(graph.type(value)) : Optional.empty();
  }

  /** The numbers go on where the result is a scalar or vector of whole numbers again. */
  private Optional<List<Entry>> same(Node node) {
    boolean whole =
        typeOf(node.output())
            .filter(type -> type.type() == DType.INT64 || type.type() == DType.INT32)
            .filter(type -> type.shape().rank() <= 1)
            .isPresent();
    return whole ? of(node.input(0)) : Optional.empty();
  }

  private Optional<List<Entry>> concat(Node node) {
    List<Entry> all = new ArrayList<>();
    for (String part : node.inputs()) {
      Optional<List<Entry>> entries = of(part);
      if (entries.isEmpty()) {
        return Optional.empty();
      }
      all.addAll(entries.get());
    }
    return Optional.of(all);
  }

  private Optional<List<Entry>> gather(Node node) {
    Optional<List<Entry>> data = of(node.input(0));
    Optional<Constant> indices = graph.constantValue(node.input(1));
    if (data.isEmpty() || indices.isEmpty() || indices.get().type().shape().rank() > 1) {
      return Optional.empty();
    }
    List<Entry> picked = new ArrayList<>();
    for (long index : indices.get().toLongs()) {
      long place = index < 0 ? index + data.get().size() : index;
      if (place < 0 || place >= data.get().size()) {
        return Optional.empty();
      }
      picked.add(data.get().get((int) place));
    }
    return Optional.of(picked);
  }

  private Optional<List<Entry>> slice(Node node) {
    Optional<List<Entry>> data = of(node.input(0));
    Optional<Constant> start = graph.constantValue(node.input(1));
    Optional<Constant> end = graph.constantValue(node.input(2));
    Optional<Constant> step = graph.constantValue(node.input(4));
    boolean openStep = node.hasInput(4) && step.isEmpty();
    if (data.isEmpty() || start.isEmpty() || end.isEmpty() || openStep) {
      return Optional.empty();
    }
    SliceRange range =
        SliceRange.of(
            start.get().toLongs()[0],
            end.get().toLongs()[0],
            step.map(constant -> constant.toLongs()[0]).orElse(1L),
            Dim.of(data.get().size()));
    return Optional.of(range.indices().mapToObj(i -> data.get().get((int) i)).toList());
  }

  /** Sums and products of sizes, element by element. */
  private Optional<List<Entry>> combine(Node node) {
    Optional<List<Entry>> a = of(node.input(0));
    Optional<List<Entry>> b = of(node.input(1));
    if (a.isEmpty() || b.isEmpty() || !fit(a.get(), b.get())) {
      return Optional.empty();
    }
    List<Entry> results = new ArrayList<>();
    for (int i = 0; i < Math.max(a.get().size(), b.get().size()); i++) {
      Dim left = a.get().get(Math.min(i, a.get().size() - 1)).toDim();
      Dim right = b.get().get(Math.min(i, b.get().size() - 1)).toDim();
      List<Dim> both = List.of(left, right);
      results.add(Entry.of(node.is("Add") ? Dim.sum(both) : Dim.product(both)));
    }
    return Optional.of(results);
  }

  private static boolean fit(List<Entry> a, List<Entry> b) {
    boolean sizes = a.stream().allMatch(Entry::isSize) && b.stream().allMatch(Entry::isSize);
    boolean empty = a.isEmpty() || b.isEmpty();
    return sizes && !empty && (a.size() == b.size() || a.size() == 1 || b.size() == 1);
  }
}

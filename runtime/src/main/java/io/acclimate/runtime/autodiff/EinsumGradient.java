package io.acclimate.runtime.autodiff;

import io.acclimate.runtime.graph.Dim;
import io.acclimate.runtime.graph.EinsumEquation;
import io.acclimate.runtime.graph.Ops;
import io.acclimate.runtime.graph.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The gradient rule of {@code Einsum}: for each operand again a sum of products, of the gradient
 * and the other operands. It consists of matrix products, as {@code Einsum} is slow.
 */
final class EinsumGradient {
  private final BackwardContext node;
  private final Ops ops;
  private final EinsumEquation equation;
  private final Map<Character, Dim> sizes;

  private EinsumGradient(BackwardContext node) {
    this.node = node;
    this.ops = node.ops();
    List<Shape> shapes =
        IntStream.range(0, node.node().inputs().size()).mapToObj(node::shape).toList();
    this.equation = EinsumEquation.parse(node.attributes().text("equation", ""), shapes);
    this.sizes = equation.sizes(shapes);
  }

  static void register(Map<String, GradientRule> rules) {
    rules.put("Einsum", node -> new EinsumGradient(node).backward());
  }

  private void backward() {
    for (int i = 0; i < equation.terms().size(); i++) {
      if (node.wants(i)) {
        node.give(i, gradientOf(i));
      }
    }
  }

  private String gradientOf(int operand) {
    List<String> values = new ArrayList<>(List.of(node.gradient()));
    List<String> terms = new ArrayList<>(List.of(equation.result()));
    for (int i = 0; i < equation.terms().size(); i++) {
      if (i != operand) {
        values.add(node.input(i));
        terms.add(equation.terms().get(i));
      }
    }
    String letters = equation.terms().get(operand);
    String given = given(operand, String.join("", terms));
    String product =
        ops.einsum(String.join(",", terms) + "->" + given, values.toArray(String[]::new));
    return ops.expandLike(onDiagonals(product, operand, given), node.input(operand));
  }

  /** The letters of an operand that the product can give: once each, without broadcast axes. */
  private String given(int operand, String others) {
    StringBuilder given = new StringBuilder();
    String letters = equation.terms().get(operand);
    for (int axis = 0; axis < letters.length(); axis++) {
      char letter = letters.charAt(axis);
      boolean broadcast = node.shape(operand).dim(axis).isOne() && !sizes.get(letter).isOne();
      boolean known = others.indexOf(letter) >= 0 && given.indexOf(String.valueOf(letter)) < 0;
      if (known && !broadcast) {
        given.append(letter);
      }
    }
    return given.toString();
  }

  /** All axes of an operand; where a letter comes again, only the diagonal is not 0. */
  private String onDiagonals(String product, int operand, String given) {
    String letters = equation.terms().get(operand);
    List<Long> missing = new ArrayList<>();
    int next = 0;
    for (int axis = 0; axis < letters.length(); axis++) {
      if (next < given.length() && letters.charAt(axis) == given.charAt(next)) {
        next++;
      } else {
        missing.add((long) axis);
      }
    }
    String value = ops.unsqueeze(product, missing.stream().mapToLong(Long::longValue).toArray());
    for (int axis = 0; axis < letters.length(); axis++) {
      int first = letters.indexOf(letters.charAt(axis));
      if (first < axis) {
        value = ops.mul(value, diagonal(operand, first, axis));
      }
    }
    return value;
  }

  /** 1 where two axes of an operand have the same index, else 0. */
  private String diagonal(int operand, int first, int second) {
    String size = ops.sizes().of(node.input(operand), first);
    long[] others =
        IntStream.range(0, node.shape(operand).rank())
            .filter(axis -> axis != first && axis != second)
            .asLongStream()
            .toArray();
    return ops.unsqueeze(ops.sizes().eye(node.type(operand).type(), size), others);
  }
}

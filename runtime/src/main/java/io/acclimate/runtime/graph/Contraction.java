package io.acclimate.runtime.graph;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Computes an {@code Einsum} by matrix products, which ONNX Runtime runs much faster: operands are
 * taken one after the other, and letters are summed as soon as nothing else needs them.
 */
final class Contraction {
  private final Ops ops;
  private final Map<Character, String> sizes = new LinkedHashMap<>();
  private final String result;

  /**
   * A value with a letter for each of its axes.
   *
   * @param value its name
   * @param letters its letters, each once
   */
  private record Term(String value, String letters) {
    boolean has(int letter) {
      return letters.indexOf(letter) >= 0;
    }
  }

  private Contraction(Ops ops, String result) {
    this.ops = ops;
    this.result = result;
  }

  static String append(Ops ops, String equation, List<String> operands) {
    List<Shape> shapes = operands.stream().map(ops::shape).toList();
    EinsumEquation parsed = EinsumEquation.parse(equation, shapes);
    Map<Character, Dim> dims = parsed.sizes(shapes);
    Contraction contraction = new Contraction(ops, parsed.result());
    List<Term> terms = new ArrayList<>();
    for (int i = 0; i < operands.size(); i++) {
      terms.add(contraction.simplify(operands.get(i), parsed.terms().get(i), dims));
    }
    return contraction.run(terms);
  }

  /** Takes off axes that are broadcast, and takes the diagonal of letters that come twice. */
  private Term simplify(String operand, String letters, Map<Character, Dim> dims) {
    Shape shape = ops.shape(operand);
    StringBuilder kept = new StringBuilder();
    List<Long> broadcast = new ArrayList<>();
    for (int axis = 0; axis < letters.length(); axis++) {
      char letter = letters.charAt(axis);
      if (shape.dim(axis).isOne() && !dims.get(letter).isOne()) {
        broadcast.add((long) axis);
      } else {
        kept.append(letter);
        sizes.put(letter, ops.sizes().of(operand, axis));
      }
    }
    String value = ops.squeeze(operand, broadcast.stream().mapToLong(Long::longValue).toArray());
    return diagonal(value, kept.toString());
  }

  private Term diagonal(String value, String letters) {
    for (int second = 0; second < letters.length(); second++) {
      int first = letters.indexOf(letters.charAt(second));
      if (first < second) {
        String eye = ops.sizes().eye(ops.type(value).type(), sizes.get(letters.charAt(second)));
        int[] places = {first, second};
        String mask = ops.unsqueeze(eye, others(letters.length(), places));
        String rest = letters.substring(0, second) + letters.substring(second + 1);
        return diagonal(ops.reduceSum(ops.mul(value, mask), false, second), rest);
      }
    }
    return new Term(value, letters);
  }

  /** The axes up to a rank without two of them. */
  private static long[] others(int rank, int[] two) {
    return IntStream.range(0, rank)
        .filter(axis -> axis != two[0] && axis != two[1])
        .asLongStream()
        .toArray();
  }

  private String run(List<Term> terms) {
    Term current = terms.get(0);
    for (int i = 1; i < terms.size(); i++) {
      List<Term> later = terms.subList(i + 1, terms.size());
      current =
          multiply(
              current,
              terms.get(i),
              letter ->
                  result.indexOf(letter) >= 0 || later.stream().anyMatch(term -> term.has(letter)));
    }
    return arrange(sum(current, letter -> result.indexOf(letter) >= 0), result).value();
  }

  private Term multiply(Term first, Term second, IntPredicate kept) {
    Term a = sum(first, letter -> kept.test(letter) || second.has(letter));
    Term b = sum(second, letter -> kept.test(letter) || first.has(letter));
    String inner = select(a.letters(), letter -> b.has(letter) && !kept.test(letter));
    if (inner.isEmpty()) {
      return multiplyElements(a, b);
    }
    boolean lastIsLeft = !result.isEmpty() && a.has(last(result)) && !b.has(last(result));
    return lastIsLeft ? multiplyMatrices(b, a, inner) : multiplyMatrices(a, b, inner);
  }

  private static char last(String letters) {
    return letters.charAt(letters.length() - 1);
  }

  /** Sums over all letters but the kept ones. */
  private Term sum(Term term, IntPredicate kept) {
    long[] axes =
        IntStream.range(0, term.letters().length())
            .filter(axis -> !kept.test(term.letters().charAt(axis)))
            .asLongStream()
            .toArray();
    return axes.length == 0
        ? term
        : new Term(ops.reduceSum(term.value(), false, axes), select(term.letters(), kept));
  }

  private Term multiplyElements(Term a, Term b) {
    String letters = a.letters() + select(b.letters(), letter -> !a.has(letter));
    String inOrder = select(result, letter -> letters.indexOf(letter) >= 0);
    String all = inOrder + select(letters, letter -> inOrder.indexOf(letter) < 0);
    return new Term(ops.mul(spread(a, all), spread(b, all)), all);
  }

  /** The axes in the order of these letters, with an axis of size 1 for each that is missing. */
  private String spread(Term term, String letters) {
    String value = arrange(term, select(letters, term::has)).value();
    long[] missing =
        IntStream.range(0, letters.length())
            .filter(axis -> !term.has(letters.charAt(axis)))
            .asLongStream()
            .toArray();
    return ops.unsqueeze(value, missing);
  }

  /** A product of matrices over the inner letters, for each choice of the letters of both. */
  private Term multiplyMatrices(Term a, Term b, String inner) {
    String batch = select(a.letters(), letter -> b.has(letter) && inner.indexOf(letter) < 0);
    String rows = select(a.letters(), letter -> !b.has(letter));
    String columns = select(b.letters(), letter -> !a.has(letter));
    String left = grouped(arrange(a, batch + rows + inner), batch, rows, inner);
    String right = grouped(arrange(b, batch + inner + columns), batch, inner, columns);
    String product = ops.matMul(left, right);
    String letters = batch + rows + columns;
    if (rows.length() == 1 && columns.length() == 1) {
      return new Term(product, letters);
    }
    return new Term(ops.reshapeTo(product, sizesOf(letters)), letters);
  }

  /** A term as matrices: its letters after the batch are merged to two axes. */
  private String grouped(Term term, String batch, String first, String second) {
    if (first.length() == 1 && second.length() == 1) {
      return term.value();
    }
    List<String> wanted = List.of(sizesOf(batch), merged(first), merged(second));
    return ops.reshapeTo(term.value(), ops.sizes().join(wanted));
  }

  private String sizesOf(String letters) {
    return ops.sizes().join(letters.chars().mapToObj(letter -> sizes.get((char) letter)).toList());
  }

  private String merged(String letters) {
    return ops.sizes()
        .product(letters.chars().mapToObj(letter -> sizes.get((char) letter)).toList());
  }

  private Term arrange(Term term, String letters) {
    int[] order = letters.chars().map(letter -> term.letters().indexOf(letter)).toArray();
    return new Term(ops.transpose(term.value(), order), letters);
  }

  private static String select(String letters, IntPredicate wanted) {
    return letters
        .chars()
        .filter(wanted)
        .mapToObj(Character::toString)
        .collect(Collectors.joining());
  }
}

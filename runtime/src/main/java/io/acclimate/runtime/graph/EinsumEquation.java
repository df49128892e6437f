package io.acclimate.runtime.graph;

import io.acclimate.runtime.AcclimateException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The equation of an {@code Einsum}: a letter for each axis of each operand and of the result. An
 * ellipsis is written out in letters, and so is a result that is left out.
 *
 * @param terms the letters of each operand; a letter that comes twice in one stands for its
 *     diagonal
 * @param result the letters of the result, each once
 */
public record EinsumEquation(List<String> terms, String result) {
  private static final String ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  private static final String ELLIPSIS = "...";

  /** Copies the list. */
  public EinsumEquation {
    terms = List.copyOf(terms);
  }

  /**
   * Reads an equation for operands of these shapes.
   *
   * @throws AcclimateException when it is malformed or does not fit them
   */
  public static EinsumEquation parse(String equation, List<Shape> shapes) {
    String compact = equation.replace(" ", "");
    int arrow = compact.indexOf("->");
    String[] terms = (arrow < 0 ? compact : compact.substring(0, arrow)).split(",", -1);
    if (terms.length != shapes.size()) {
      throw new AcclimateException(
          "equation '%s' has %d terms, found %d operands"
              .formatted(equation, terms.length, shapes.size()));
    }
    int widest = 0;
    for (int i = 0; i < terms.length; i++) {
      widest = Math.max(widest, hidden(equation, terms[i], shapes.get(i)));
    }
    String letters = unused(compact, widest);
    List<String> written = new ArrayList<>();
    for (int i = 0; i < terms.length; i++) {
      int hidden = hidden(equation, terms[i], shapes.get(i));
      written.add(terms[i].replace(ELLIPSIS, letters.substring(widest - hidden)));
    }
    String result =
        arrow < 0
            ? letters + once(compact)
            : compact.substring(arrow + 2).replace(ELLIPSIS, letters);
    requireResult(equation, written, result);
    for (int i = 0; i < terms.length; i++) {
      requireSquare(equation, written.get(i), shapes.get(i));
    }
    return new EinsumEquation(written, result);
  }

  /** How many axes of an operand the ellipsis of its term stands for. */
  private static int hidden(String equation, String term, Shape shape) {
    String visible = term.replace(ELLIPSIS, "");
    int hidden = shape.rank() - visible.length();
    boolean letters = visible.chars().allMatch(letter -> ALPHABET.indexOf(letter) >= 0);
    if (!letters || hidden < 0 || hidden > 0 && !term.contains(ELLIPSIS)) {
      throw new AcclimateException(
          "term '%s' of equation '%s' does not fit an operand of shape %s"
              .formatted(term, equation, shape));
    }
    return hidden;
  }

  private static String unused(String equation, int count) {
    String free =
        ALPHABET
            .chars()
            .filter(letter -> equation.indexOf(letter) < 0)
            .mapToObj(Character::toString)
            .collect(Collectors.joining());
    if (free.length() < count) {
      throw new AcclimateException("equation '" + equation + "' uses too many letters");
    }
    return free.substring(0, count);
  }

  /** The letters that come once in the terms, sorted: the result that is meant without an arrow. */
  private static String once(String terms) {
    return terms
        .chars()
        .filter(letter -> ALPHABET.indexOf(letter) >= 0)
        .filter(letter -> terms.indexOf(letter) == terms.lastIndexOf(letter))
        .sorted()
        .mapToObj(Character::toString)
        .collect(Collectors.joining());
  }

  private static void requireResult(String equation, List<String> terms, String result) {
    String all = String.join("", terms);
    boolean fits =
        result.chars().allMatch(letter -> all.indexOf(letter) >= 0)
            && result.chars().distinct().count() == result.length();
    if (!fits) {
      throw new AcclimateException(
          "equation '%s': expected letters of the terms in the result, each once"
              .formatted(equation));
    }
  }

  /** A diagonal needs axes of one size. */
  private static void requireSquare(String equation, String term, Shape shape) {
    for (int axis = 0; axis < term.length(); axis++) {
      if (!shape.dim(axis).equals(shape.dim(term.indexOf(term.charAt(axis))))) {
        throw new AcclimateException(
            "equation '%s' takes a diagonal of %s, which is not square".formatted(equation, shape));
      }
    }
  }

  /**
   * The size that each letter stands for; axes of size 1 are repeated to it.
   *
   * @throws AcclimateException when sizes other than 1 disagree
   */
  public Map<Character, Dim> sizes(List<Shape> shapes) {
    Map<Character, Dim> sizes = new LinkedHashMap<>();
    for (int i = 0; i < terms.size(); i++) {
      for (int axis = 0; axis < shapes.get(i).rank(); axis++) {
        char letter = terms.get(i).charAt(axis);
        Dim dim = shapes.get(i).dim(axis);
        Dim known = sizes.merge(letter, dim, (x, y) -> x.isOne() ? y : x);
        if (!known.equals(dim) && !dim.isOne()) {
          throw new AcclimateException(
              "axis %c of %s has sizes %s and %s".formatted(letter, this, known, dim));
        }
      }
    }
    return sizes;
  }

  /** ONNX's form. */
  @Override
  public String toString() {
    return String.join(",", terms) + "->" + result;
  }
}

package io.acclimate.runtime.io;

import io.acclimate.runtime.AcclimateException;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The dictionary at the front of an .npy file: {@code {'descr': .., 'shape': ..}}. */
record NpyHeader(NpyType type, ByteOrder order, boolean fortranOrder, int[] shape) {
  private static final Set<String> KEYS = Set.of("descr", "fortran_order", "shape");
  private static final Pattern ENTRY =
      Pattern.compile(
          "\\s*['\"](\\w++)['\"]\\s*:\\s*"
              + "('[^']*+'|\"[^\"]*+\"|True|False|\\([^)]*+\\)|\\[.*\\])\\s*(,|(?=\\}))");
  private static final Pattern DIMENSIONS =
      Pattern.compile("\\(\\s*((-?\\d++)L?\\s*,\\s*)*+((-?\\d++)L?\\s*)?+\\)");

  /** Reads the dictionary; errors say what is wrong, the caller adds the file. */
  static NpyHeader parse(String text) {
    Map<String, String> entries = entries(text.strip());
    if (!entries.keySet().equals(KEYS)) {
      throw broken(text);
    }
    String fortran = entries.get("fortran_order");
    if (!fortran.equals("True") && !fortran.equals("False")) {
      throw broken(text);
    }
    String descr = entries.get("descr");
    ByteOrder order = descr.startsWith(">", 1) ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
    return new NpyHeader(type(descr), order, fortran.equals("True"), shape(entries.get("shape")));
  }

  /** The text for an array in little-endian C order, without padding. */
  static String format(NpyArray array) {
    int[] shape = array.shape();
    String dimensions = Arrays.toString(shape);
    return String.format(
        "{'descr': '%s', 'fortran_order': False, 'shape': (%s%s), }",
        array.type().descr(),
        dimensions.substring(1, dimensions.length() - 1),
        shape.length == 1 ? "," : "");
  }

  private static Map<String, String> entries(String text) {
    if (!text.startsWith("{") || !text.endsWith("}")) {
      throw broken(text);
    }
    Map<String, String> entries = new HashMap<>();
    Matcher matcher = ENTRY.matcher(text);
    int end = text.length() - 1;
    int at = 1;
    while (!text.substring(at, end).isBlank()) {
      if (!matcher.find(at)
          || matcher.start() != at
          || entries.put(matcher.group(1), matcher.group(2)) != null) {
        throw broken(text);
      }
      at = matcher.end();
    }
    return entries;
  }

  private static NpyType type(String quoted) {
    for (NpyType type : NpyType.values()) {
      String code = type.descr().substring(1);
      String orders = type.bytes() == 1 ? "|<>" : "<>";
      if (quoted.length() == 5
          && orders.indexOf(quoted.charAt(1)) >= 0
          && quoted.startsWith(code, 2)) {
        return type;
      }
    }
    throw new AcclimateException(
        "expected dtype f4, f8, i4, i8, u1, i1 or b1, found " + quoted + " (unsupported)");
  }

  private static int[] shape(String tuple) {
    // (3) is a number in Python, not a tuple.
    if (!DIMENSIONS.matcher(tuple).matches() || tuple.matches("\\([^,]*\\d[^,]*\\)")) {
      throw new AcclimateException("expected a tuple of integers as shape, found " + tuple);
    }
    String[] numbers =
        Pattern.compile("-?\\d+")
            .matcher(tuple)
            .results()
            .map(result -> result.group())
            .toArray(String[]::new);
    int[] shape = new int[numbers.length];
    for (int i = 0; i < shape.length; i++) {
      try {
        shape[i] = Integer.parseInt(numbers[i]);
      } catch (NumberFormatException e) {
        throw new AcclimateException(
            "expected dimensions from 0 to 2147483647, found shape " + tuple, e);
      }
    }
    return shape;
  }

  private static AcclimateException broken(String text) {
    return new AcclimateException(
        "expected a header dict with descr, fortran_order and shape, found " + text.strip());
  }
}

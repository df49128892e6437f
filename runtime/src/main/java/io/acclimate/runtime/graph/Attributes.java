package io.acclimate.runtime.graph;

import io.acclimate.runtime.AcclimateException;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The attributes of a node by name. Immutable.
 *
 * @param values each a {@code Long}, {@code Float}, {@code String}, {@link Constant}, or a list of
 *     longs, floats or texts
 */
public record Attributes(Map<String, Object> values) {
  /** No attributes. */
  public static final Attributes NONE = new Attributes(Map.of());

  /** Copies the map. */
  public Attributes {
    values = Collections.unmodifiableMap(new TreeMap<>(values));
  }

  /** One attribute; see {@link #and} for the types of values. */
  public static Attributes of(String name, Object value) {
    return NONE.and(name, value);
  }

  /**
   * These attributes and one more, which replaces one of the same name.
   *
   * @param value a number, text, {@link Constant}, {@code long[]}, or a list; whole numbers become
   *     {@code Long}, others {@code Float}
   */
  public Attributes and(String name, Object value) {
    Map<String, Object> more = new TreeMap<>(values);
    more.put(name, normalise(name, value));
    return new Attributes(more);
  }

  /** These attributes without one. */
  public Attributes without(String name) {
    Map<String, Object> fewer = new TreeMap<>(values);
    fewer.remove(name);
    return new Attributes(fewer);
  }

  private static Object normalise(String name, Object value) {
    if (value instanceof Integer || value instanceof Long) {
      return ((Number) value).longValue();
    }
    if (value instanceof Float || value instanceof Double) {
      return ((Number) value).floatValue();
    }
    if (value instanceof Boolean flag) {
      return flag ? 1L : 0L;
    }
    if (value instanceof long[] longs) {
      return Arrays.stream(longs).boxed().toList();
    }
    if (value instanceof List<?> list) {
      return list.stream().map(element -> normalise(name, element)).toList();
    }
    if (value instanceof String || value instanceof Constant) {
      return value;
    }
    throw new AcclimateException("attribute " + name + " cannot hold " + value);
  }

  /** Whether the attribute is given. */
  public boolean has(String name) {
    return values.containsKey(name);
  }

  /** A whole number, or the default. */
  public long integer(String name, long otherwise) {
    return has(name) ? get(name, Long.class) : otherwise;
  }

  /** A floating-point number, or the default. */
  public float number(String name, float otherwise) {
    return has(name) ? get(name, Float.class) : otherwise;
  }

  /** A text, or the default. */
  public String text(String name, String otherwise) {
    return has(name) ? get(name, String.class) : otherwise;
  }

  /** Whole numbers; null when the attribute is not given. */
  public long[] integers(String name) {
    if (!has(name)) {
      return null;
    }
    return list(name, Long.class).stream().mapToLong(Long::longValue).toArray();
  }

  /** Floating-point numbers; null when the attribute is not given. */
  public double[] numbers(String name) {
    if (!has(name)) {
      return null;
    }
    return list(name, Float.class).stream().mapToDouble(Float::doubleValue).toArray();
  }

  /** A constant; null when the attribute is not given. */
  public Constant constant(String name) {
    return has(name) ? get(name, Constant.class) : null;
  }

  private <T> List<T> list(String name, Class<T> type) {
    List<?> list = get(name, List.class);
    if (!list.stream().allMatch(type::isInstance)) {
      throw new AcclimateException(
          "attribute %s: expected a list of %ss, found %s"
              .formatted(name, type.getSimpleName(), list));
    }
    return list.stream().map(type::cast).toList();
  }

  private <T> T get(String name, Class<T> type) {
    Object value = values.get(name);
    if (!type.isInstance(value)) {
      throw new AcclimateException(
          "attribute %s: expected a %s, found %s".formatted(name, type.getSimpleName(), value));
    }
    return type.cast(value);
  }
}

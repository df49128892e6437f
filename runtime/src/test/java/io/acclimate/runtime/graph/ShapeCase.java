package io.acclimate.runtime.graph;

import io.acclimate.runtime.DType;
import java.util.List;

/**
 * One operator to run.
 *
 * @param operands each a {@link ValueType} for an input, a {@link Constant}, or "" where none is
 *     given
 */
record ShapeCase(String op, Attributes attributes, int results, List<Object> operands) {
  static ShapeCase of(String op, Attributes attributes, Object... operands) {
    return new ShapeCase(op, attributes, 1, List.of(operands));
  }

  static ShapeCase of(String op, Object... operands) {
    return of(op, Attributes.NONE, operands);
  }

  static ShapeCase several(String op, int results, Attributes attributes, Object... operands) {
    return new ShapeCase(op, attributes, results, List.of(operands));
  }

  static ValueType floats(long... shape) {
    return ValueType.of(DType.FLOAT32, shape);
  }

  static ValueType booleans(long... shape) {
    return ValueType.of(DType.BOOL, shape);
  }

  static ValueType longs(long... shape) {
    return ValueType.of(DType.INT64, shape);
  }

  static Constant list(long... values) {
    return Constant.ofList(values);
  }

  static Constant scalar(long value) {
    return Constant.ofLongs(new long[] {value});
  }

  static Constant numbers(double... values) {
    return Constant.ofDoubles(DType.FLOAT32, values, values.length);
  }

  static Attributes with(String name, Object value) {
    return Attributes.of(name, value);
  }
}

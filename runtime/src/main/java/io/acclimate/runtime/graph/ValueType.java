package io.acclimate.runtime.graph;

import io.acclimate.runtime.DType;
import io.acclimate.runtime.Tensor;

/**
 * The type of a value in a graph.
 *
 * @param type the element type
 * @param shape the dimensions
 */
public record ValueType(DType type, Shape shape) {
  /** A type with fixed sizes. */
  public static ValueType of(DType type, long... sizes) {
    return new ValueType(type, Shape.of(sizes));
  }

  /** The same shape with another element type. */
  public ValueType withType(DType other) {
    return new ValueType(other, shape);
  }

  /** The same element type with another shape. */
  public ValueType withShape(Shape other) {
    return new ValueType(type, other);
  }

  /** A new tensor of this type, all zeros; an error when a dimension is open. */
  public Tensor allocate() {
    shape.elements();
    return Tensor.allocate(type, shape.sizes());
  }

  @Override
  public String toString() {
    return type + shape.toString();
  }
}

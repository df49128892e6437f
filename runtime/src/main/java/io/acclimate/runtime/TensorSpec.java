package io.acclimate.runtime;

import java.util.List;

/**
 * What a model says of one input or output.
 *
 * @param name the value's name in the graph
 * @param type the element type, in ONNX Runtime's words
 * @param shape the dimensions; -1 where a dimension is open
 * @param dimensionNames the names of open dimensions, {@code ""} where there is none
 */
public record TensorSpec(String name, String type, List<Long> shape, List<String> dimensionNames) {
  /** Copies the lists. */
  public TensorSpec {
    shape = List.copyOf(shape);
    dimensionNames = List.copyOf(dimensionNames);
  }

  /**
   * The elements of one sample: the product of all dimensions but the first; -1 when one is open.
   */
  public long elementsPerRow() {
    long count = 1;
    for (int axis = 1; axis < shape.size(); axis++) {
      if (shape.get(axis) < 0) {
        return -1;
      }
      count *= shape.get(axis);
    }
    return count;
  }

  /** Whether a tensor of this shape fits: equal rank, and equal sizes where they are fixed. */
  public boolean accepts(long[] found) {
    if (found.length != shape.size()) {
      return false;
    }
    for (int axis = 0; axis < found.length; axis++) {
      if (shape.get(axis) >= 0 && shape.get(axis) != found[axis]) {
        return false;
      }
    }
    return true;
  }

  /** The shape for people, as {@code [batch, 1, 28, 28]}. */
  public String shapeText() {
    StringBuilder text = new StringBuilder("[");
    for (int axis = 0; axis < shape.size(); axis++) {
      String open = dimensionNames.get(axis).isEmpty() ? "?" : dimensionNames.get(axis);
      text.append(axis == 0 ? "" : ", ").append(shape.get(axis) < 0 ? open : shape.get(axis));
    }
    return text.append(']').toString();
  }
}

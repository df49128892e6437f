package io.acclimate.bank.pet;

import io.acclimate.runtime.DType;
import io.acclimate.runtime.graph.Dim;
import io.acclimate.runtime.graph.Shape;
import io.acclimate.runtime.graph.ValueType;
import io.acclimate.runtime.train.Init;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * One parameter of a module at one site.
 *
 * @param name the name within the site, such as {@code A}
 * @param sizes the shape it starts with
 * @param open the axes whose size may differ from call to call, with a symbol for each: a rank, a
 *     length, a number of classes
 * @param init how it starts
 * @param trainable whether training changes it
 */
public record PetParameter(
    String name, List<Long> sizes, Map<Integer, String> open, Init init, boolean trainable) {
  /** Copies the collections. */
  public PetParameter {
    sizes = List.copyOf(sizes);
    open = Map.copyOf(open);
  }

  /** A trainable parameter of fixed shape. */
  public static PetParameter of(String name, Init init, long... sizes) {
    List<Long> list = new ArrayList<>();
    for (long size : sizes) {
      list.add(size);
    }
    return new PetParameter(name, list, Map.of(), init, true);
  }

  /** The same parameter with an axis open. */
  public PetParameter open(int axis, String symbol) {
    return new PetParameter(name, sizes, Map.of(axis, symbol), init, trainable);
  }

  /** The shape it starts with. */
  long[] shape() {
    return sizes.stream().mapToLong(Long::longValue).toArray();
  }

  /**
   * The type of the graph's input.
   *
   * @param scope what the symbols of open axes start with; {@code ""} fixes all sizes
   */
  ValueType type(DType type, String scope) {
    Shape shape = Shape.of(shape());
    if (!scope.isEmpty()) {
      for (Map.Entry<Integer, String> axis : open.entrySet()) {
        shape = shape.with(axis.getKey(), Dim.symbol(scope + "." + axis.getValue()));
      }
    }
    return new ValueType(type, shape);
  }
}

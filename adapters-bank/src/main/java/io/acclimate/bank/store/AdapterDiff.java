package io.acclimate.bank.store;

import io.acclimate.bank.Adapter;
import io.acclimate.bank.AdapterRef;
import io.acclimate.bank.TensorMaps;
import io.acclimate.runtime.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * What differs between two adapters.
 *
 * @param from the one adapter
 * @param to the other adapter
 * @param tensors their tensors by name
 */
public record AdapterDiff(AdapterRef from, AdapterRef to, List<TensorDiff> tensors) {
  /**
   * One tensor in two adapters.
   *
   * @param name its name
   * @param from type and shape in the one adapter; empty when it has none
   * @param to type and shape in the other adapter; empty when it has none
   * @param equal whether every bit is the same
   * @param distance the length of the difference of two floating tensors of one shape, else NaN
   * @param cosine the cosine between them, 0 when one is all zeros, else NaN
   */
  public record TensorDiff(
      String name, String from, String to, boolean equal, double distance, double cosine) {}

  /** Compares two adapters tensor by tensor, in the order of their names. */
  public static AdapterDiff between(Adapter from, Adapter to) {
    SortedSet<String> names = new TreeSet<>(from.tensors().keySet());
    names.addAll(to.tensors().keySet());
    List<TensorDiff> diffs = new ArrayList<>();
    for (String name : names) {
      diffs.add(compare(name, from.tensors().get(name), to.tensors().get(name)));
    }
    return new AdapterDiff(from.card().ref(), to.card().ref(), List.copyOf(diffs));
  }

  private static TensorDiff compare(String name, Tensor from, Tensor to) {
    String one = from == null ? "" : from.toString();
    String other = to == null ? "" : to.toString();
    if (!one.equals(other) || !from.type().isFloating()) {
      boolean equal = one.equals(other) && from.contentEquals(to);
      return new TensorDiff(name, one, other, equal, Double.NaN, Double.NaN);
    }
    double[] a = TensorMaps.flatten(Map.of(name, from));
    double[] b = TensorMaps.flatten(Map.of(name, to));
    double squares = 0;
    double product = 0;
    double first = 0;
    double second = 0;
    for (int i = 0; i < a.length; i++) {
      squares += (a[i] - b[i]) * (a[i] - b[i]);
      product += a[i] * b[i];
      first += a[i] * a[i];
      second += b[i] * b[i];
    }
    double lengths = Math.sqrt(first) * Math.sqrt(second);
    return new TensorDiff(
        name,
        one,
        other,
        from.contentEquals(to),
        Math.sqrt(squares),
        lengths > 0 ? product / lengths : 0);
  }
}

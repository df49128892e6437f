package io.acclimate.runtime.autodiff;

import io.acclimate.runtime.graph.Attributes;
import io.acclimate.runtime.graph.Ops;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The shares of the gradient that each value has got so far. */
final class GradientSums {
  private final Ops ops;
  private final Map<String, List<String>> shares = new HashMap<>();

  GradientSums(Ops ops) {
    this.ops = ops;
  }

  void add(String value, String gradient) {
    shares.computeIfAbsent(value, key -> new ArrayList<>()).add(gradient);
  }

  /** The sum of a value's shares; empty when it has none. Added up once. */
  Optional<String> of(String value) {
    List<String> parts = shares.get(value);
    if (parts == null) {
      return Optional.empty();
    }
    if (parts.size() > 1) {
      String sum =
          parts.size() == 2
              ? ops.add(parts.get(0), parts.get(1))
              : ops.op("Sum", Attributes.NONE, parts.toArray(String[]::new));
      parts.clear();
      parts.add(sum);
    }
    return Optional.of(parts.get(0));
  }
}

package io.acclimate.bank.store;

import com.typesafe.config.ConfigFactory;
import io.acclimate.bank.Adapter;
import io.acclimate.bank.AdapterCard;
import io.acclimate.bank.AdapterRef;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.state.State;
import io.acclimate.runtime.state.StateReader;
import io.acclimate.runtime.state.StateWriter;
import io.acclimate.runtime.state.Stateful;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Small adapters and states for tests. */
final class Samples {
  private Samples() {}

  /** An adapter of 24 bytes whose numbers follow from {@code value}. */
  static Adapter adapter(String id, float value) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put("block.0.up", Tensor.ofFloats(new float[] {value, -value, 0, 1}, 2, 2));
    tensors.put("block.0.down", Tensor.ofFloats(new float[] {value / 3, 2}, 2));
    AdapterCard card =
        AdapterCard.of(id, "task-1", "lora", "abc123")
            .withSettings(ConfigFactory.parseString("rank = 4, alpha = 8.5, sites = [q, v]"))
            .withParents(List.of(new AdapterRef("base", 3)))
            .withMetrics(Map.of("accuracy", 0.875))
            .withProvenance(Map.of("seed", "7"));
    return new Adapter(card, tensors);
  }

  /** A state with one number. */
  static State state(double number) {
    return State.of(
        new Stateful() {
          @Override
          public void save(StateWriter out) {
            out.putDouble("number", number);
          }

          @Override
          public void load(StateReader in) {
            throw new AssertionError("only saved");
          }
        });
  }

  /** Whether two adapters have the same values. */
  static boolean sameTensors(Adapter one, Adapter other) {
    return List.copyOf(one.tensors().keySet()).equals(List.copyOf(other.tensors().keySet()))
        && one.tensors().entrySet().stream()
            .allMatch(entry -> entry.getValue().contentEquals(other.tensors().get(entry.getKey())));
  }
}

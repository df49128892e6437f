package io.acclimate.tta.gradient;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import io.acclimate.runtime.state.State;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/** RoTTA's memory against the exact trace of the paper's own code. */
class BalancedMemoryGoldenTest {
  @Test
  void agreesWithTheTrace() throws IOException {
    JsonNode runs = Golden.read("rotta_cstu_memory.json").get("runs");
    assertEquals(3, runs.size());
    for (JsonNode run : runs) {
      int capacity = run.get("capacity").asInt();
      int classes = run.get("num_classes").asInt();
      BalancedMemory memory = new BalancedMemory(capacity, classes);
      for (JsonNode step : run.get("trace")) {
        int id = step.get("id").asInt();
        memory.add(
            ByteBuffer.allocate(4).putInt(id).array(),
            step.get("pseudo_label").asInt(),
            step.get("entropy").asDouble());
        assertArrayEquals(Golden.numbers(step.get("memory_ids")), ids(memory), 0.0, "after " + id);
        assertArrayEquals(Golden.numbers(step.get("ages_over_capacity")), memory.ages(), 1e-12);
        BalancedMemory loaded = new BalancedMemory(capacity, classes);
        State.of(memory).restore(loaded);
        memory = loaded;
      }
    }
  }

  private static double[] ids(BalancedMemory memory) {
    return memory.samples().stream()
        .mapToDouble(sample -> ByteBuffer.wrap(sample).getInt())
        .toArray();
  }
}

package io.acclimate.bank.merge;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.acclimate.bank.Golden;
import io.acclimate.bank.TensorMaps;
import io.acclimate.runtime.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** LAE's accumulation and MOS's merging agree with the papers' code. */
class GoldenMergeTest {
  private static final double TOLERANCE = 1e-12;

  @Test
  void momentumAccumulation() {
    JsonNode golden = Golden.read("lae_momentum");
    int compared = 0;
    for (JsonNode testCase : golden.get("cases")) {
      MomentumAccumulation rule = new MomentumAccumulation(testCase.get("alpha").doubleValue());
      Map<String, Tensor> online = Golden.tensors(golden.get("init_online"));
      Map<String, Tensor> offline = null;
      for (JsonNode task : testCase.get("tasks")) {
        if (task.get("task").intValue() == 1) {
          offline = TensorMaps.copy(online);
        }
        for (JsonNode step : task.get("steps")) {
          if (step.hasNonNull("delta")) {
            TensorMaps.scaleAndAdd(1, Golden.tensors(step.get("delta")), 1, online);
          }
          if (offline != null) {
            rule.accumulate(offline, online);
          }
        }
        assertClose(task.get("online_end"), online);
        if (offline != null) {
          assertClose(task.get("offline_end"), offline);
          compared++;
        }
      }
    }
    assertTrue(compared >= 4, "cases with an offline adapter");
  }

  @Test
  void prefixMean() {
    JsonNode golden = Golden.read("mos_adapter_merge");
    double alpha = golden.get("alpha").doubleValue();
    PrefixMean mean = new PrefixMean(alpha);
    Map<String, Tensor> live = Golden.tensors(golden.get("init_cur_adapter"));
    List<Map<String, Tensor>> stored = new ArrayList<>();
    for (JsonNode task : golden.get("tasks")) {
      for (JsonNode step : task.get("steps")) {
        TensorMaps.scaleAndAdd(1, Golden.tensors(step.get("delta")), 1, live);
        List<Map<String, Tensor>> liveAndStored = new ArrayList<>(List.of(live));
        liveAndStored.addAll(stored);
        assertClose(step.get("cur_after_merge"), PrefixMean.rule(alpha).merge(liveAndStored));
        mean.merge(live);
        assertClose(step.get("cur_after_merge"), live);
      }
      mean.endTask(live);
      stored.add(TensorMaps.copy(live));
      assertClose(task.get("stored_adapter"), live);
    }
    assertTrue(mean.tasks() == 3, "three tasks");
  }

  private static void assertClose(JsonNode expected, Map<String, Tensor> found) {
    Golden.tensors(expected)
        .forEach(
            (name, tensor) ->
                assertArrayEquals(
                    tensor.toDoubleArray(), found.get(name).toDoubleArray(), TOLERANCE, name));
  }
}

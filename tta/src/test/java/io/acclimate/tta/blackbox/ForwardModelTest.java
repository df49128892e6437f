package io.acclimate.tta.blackbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.FrozenModel;
import io.acclimate.runtime.Tensor;
import io.acclimate.tta.ForwardModel;
import io.acclimate.tta.ForwardRunner;
import io.acclimate.tta.OutputBatch;
import io.acclimate.tta.Passes;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ForwardModelTest {
  @Test
  void runsAQuantisedFileAndCounts() {
    try (FrozenModel model = QuantizedNetwork.open(4, 3);
        ForwardRunner runner = new ForwardModel(model, "logits", Optional.empty()).newRunner()) {
      Tensor input = Tensor.ofFloats(new float[] {1, 0, 0.5f, 0, 0, 1, 0, 0.25f}, 2, 4);
      OutputBatch answer = runner.run(input);
      assertEquals(2, answer.size());
      assertEquals(3, answer.classes());
      assertEquals(0, answer.featureSize());
      assertSame(input, answer.input());
      double[] first = answer.probabilities().clone();
      assertEquals(2, Arrays.stream(first).sum(), 1e-12);
      assertNotEquals(first[0], first[3]);
      assertEquals(1, runner.run(input.rows(1)).size());
      assertEquals(new Passes(2, 0), runner.passes());
    }
  }

  @Test
  void unknownOutputsAreRefused() {
    try (FrozenModel model = QuantizedNetwork.open(4, 3)) {
      AcclimateException refused =
          assertThrows(
              AcclimateException.class,
              () -> new ForwardModel(model, "logits", Optional.of("features")));
      assertTrue(refused.getMessage().contains("no output 'features'"), refused.getMessage());
    }
  }
}

package io.acclimate.tta.blackbox;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.state.State;
import java.io.File;
import java.io.IOException;
import java.util.Arrays;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** SPSA-GC takes the steps of the paper's own code, and keeps its laws. */
class SpsaGcGoldenTest {
  private static final SpsaGcSettings DEFAULTS = new SpsaGcSettings(1, .01, .01, .4, .1, .9, 5);
  private static final ToDoubleFunction<double[]> BOWL =
      w -> Arrays.stream(w).map(v -> (v - 1) * (v - 1)).sum();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "spsa_gc_quadratic_avg5_f64",
        "spsa_gc_quadratic_avg1_f64",
        "spsa_plain_quadratic_avg2_f64"
      })
  void takesTheStepsOfTheCode(String name) throws IOException {
    JsonNode golden =
        new ObjectMapper().readTree(new File("src/test/resources/golden/tta/" + name + ".json"));
    double[] p = numbers(golden.get("spsa_params_o_c_a_alpha_gamma"));
    double momentum =
        golden.get("opt_type").asText().equals("spsa") ? 0 : golden.get("moms_b1").asDouble();
    SpsaGcSettings settings =
        new SpsaGcSettings(p[0], p[1], p[2], p[3], p[4], momentum, golden.get("sp_avg").asInt());
    JsonNode steps = golden.get("steps");
    SpsaGc spsa =
        new SpsaGc(
            numbers(golden.get("w0")),
            settings,
            (step, average, target) -> {
              JsonNode drawn = steps.get(step - 1).get("perturbations").get(average);
              System.arraycopy(numbers(drawn), 0, target, 0, target.length);
            });
    double[] target = numbers(golden.get("target"));
    for (JsonNode step : steps) {
      double loss = spsa.step(w -> quadratic(golden.get("A"), target, w));
      double mean = mean(step.get("loss_plus_minus"));
      assertEquals(mean, loss, 1e-12 * Math.max(1, mean));
      assertArrayEquals(numbers(step.get("w")), spsa.weights(), 1e-12);
    }
  }

  private static double quadratic(JsonNode matrix, double[] target, double[] w) {
    double sum = 0;
    for (int i = 0; i < w.length; i++) {
      for (int j = 0; j < w.length; j++) {
        sum += 0.5 * (w[i] - target[i]) * matrix.get(i).get(j).asDouble() * (w[j] - target[j]);
      }
    }
    return sum;
  }

  /** The mean of all losses of a step; the code itself reports that of the last pair alone. */
  private static double mean(JsonNode pairs) {
    double sum = 0;
    for (JsonNode pair : pairs) {
      sum += (pair.get(0).asDouble() + pair.get(1).asDouble()) / 2;
    }
    return sum / pairs.size();
  }

  private static double[] numbers(JsonNode list) {
    double[] values = new double[list.size()];
    Arrays.setAll(values, i -> list.get(i).asDouble());
    return values;
  }

  private static SpsaGc seeded(SpsaGcSettings settings) {
    return new SpsaGc(new double[6], settings, SpsaGc.segmentedUniform(SeedTree.of(3)));
  }

  @Test
  void minimisesAndGoesOnFromASave() {
    SpsaGc whole = seeded(DEFAULTS);
    SpsaGc resumed = seeded(DEFAULTS);
    for (int step = 0; step < 400; step++) {
      SpsaGc next = step % 100 == 50 ? seeded(DEFAULTS) : resumed;
      State.of(resumed).restore(next);
      resumed = next;
      whole.step(BOWL);
      resumed.step(BOWL);
    }
    assertEquals(State.of(whole).sha256(), State.of(resumed).sha256());
    assertTrue(BOWL.applyAsDouble(whole.weights()) < 0.6, Arrays.toString(whole.weights()));
  }

  @Test
  void perturbationsKeepAwayFromZero() {
    double[] drawn = new double[2000];
    SpsaGc.segmentedUniform(SeedTree.of(4)).draw(1, 0, drawn);
    assertTrue(Arrays.stream(drawn).allMatch(d -> Math.abs(d) >= 0.5 && Math.abs(d) < 1));
    assertEquals(1000, Arrays.stream(drawn).filter(d -> d > 0).count(), 120);
  }

  @Test
  void withoutARateNothingMoves() {
    SpsaGc spsa = seeded(new SpsaGcSettings(1, .01, 0, .4, .1, .9, 2));
    spsa.step(BOWL);
    assertArrayEquals(new double[6], spsa.weights(), 0.0);
  }

  @Test
  void badNumbersAreRefusedAndChangeNothing() {
    assertThrows(AcclimateException.class, () -> new SpsaGcSettings(1, 0, 1, .4, .1, .9, 2));
    SpsaGc spsa = seeded(DEFAULTS);
    spsa.step(BOWL);
    String before = State.of(spsa).sha256();
    assertThrows(AcclimateException.class, () -> spsa.step(w -> Double.NaN));
    assertEquals(before, State.of(spsa).sha256());
  }
}

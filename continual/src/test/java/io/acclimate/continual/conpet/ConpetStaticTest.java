package io.acclimate.continual.conpet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import io.acclimate.continual.ContinualLearner;
import io.acclimate.continual.LabelledBatch;
import io.acclimate.continual.LearnResult;
import io.acclimate.continual.LearnerProvider;
import io.acclimate.continual.LearnerStates;
import io.acclimate.continual.TinyStream;
import io.acclimate.continual.metrics.ContinualMetrics;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.state.State;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConpetStaticTest {
  private static final String SETTINGS = TinyStream.settings("conpet-static");

  private static ContinualLearner learner(String more) {
    return TinyStream.learner("conpet-static", SETTINGS + ", " + more);
  }

  private static long steps(ContinualLearner learner) {
    return LearnerStates.tensors(learner, "tuning/trainer/").get("steps").longs().get(0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"replay", "ewc", "emar"})
  void forgetsLessThanNaiveTuningWhateverItHosts(String host) {
    try (ContinualLearner learner = learner("host = " + host);
        ContinualLearner control = TinyStream.learner("naive", SETTINGS)) {
      ContinualMetrics found = TinyStream.run(learner);
      ContinualMetrics naive = TinyStream.run(control);
      assertTrue(found.forgetting() <= naive.forgetting() - 0.05, "" + found.forgetting());
      assertTrue(found.lastAccuracy() > naive.lastAccuracy(), "" + found.lastAccuracy());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"replay", "emar"})
  void aTaskTakesTheSameStepsWhateverItsNumber(String host) {
    try (ContinualLearner learner = learner("host = " + host)) {
      long[] steps = new long[TinyStream.TASKS];
      for (int task = 0; task < TinyStream.TASKS; task++) {
        TinyStream.learnWithoutEnd(learner, task);
        steps[task] = steps(learner);
        learner.endTask();
      }
      assertEquals(steps[1], steps[2]);
      int more = host.equals("emar") ? 5 * 4 : 0;
      assertEquals(5 * 8 + more, steps[0]);
      assertEquals(2 * 5 * 8 + more, steps[1]);
    }
  }

  @Test
  void theMemoryStaysWithinItsCap() {
    try (ContinualLearner learner = learner("rehearsal.max-samples = 5")) {
      for (int task = 0; task < TinyStream.TASKS; task++) {
        TinyStream.learn(learner, task);
        assertTrue(((ConpetStatic) learner).rehearsed() <= 5);
      }
      assertEquals(1, learner.forwardsPerPrediction());
    }
  }

  @Test
  void consolidationHoldsWhatMattered() {
    try (ContinualLearner free = learner("rehearsal.ratio = 0");
        ContinualLearner held = learner("rehearsal.ratio = 0, host = ewc, ewc-strength = 1e6")) {
      double[] moved = new double[2];
      for (ContinualLearner learner : List.of(free, held)) {
        TinyStream.learn(learner, 0);
        Map<String, Tensor> before = LearnerStates.tensors(learner, "tuning/parameters/");
        TinyStream.learn(learner, 1);
        Map<String, Tensor> after = LearnerStates.tensors(learner, "tuning/parameters/");
        before.keySet().removeIf(name -> name.startsWith("head."));
        for (Map.Entry<String, Tensor> one : before.entrySet()) {
          for (int i = 0; i < one.getValue().elements(); i++) {
            double change =
                after.get(one.getKey()).floats().get(i) - one.getValue().floats().get(i);
            moved[learner == free ? 0 : 1] += change * change;
          }
        }
      }
      assertTrue(moved[1] < moved[0] / 2, moved[1] + " of " + moved[0]);
    }
  }

  /** The second sample of a batch is learned in a second step. */
  @Test
  void aBatchIsLearnedAsAWholeOrNotAtAll() {
    try (ContinualLearner learner = learner("host = replay")) {
      TinyStream.learn(learner, 0);
      learner.beginTask(TinyStream.outline(1, 8));
      String before = State.of(learner).sha256();
      LabelledBatch good = TinyStream.batches(1, 1).get(0);
      Tensor broken = good.inputs().get("x").copy();
      broken.floats().put((int) broken.elements() - 1, Float.NaN);
      LearnResult result = learner.learn(new LabelledBatch(Map.of("x", broken), good.labels()));
      assertFalse(result.applied());
      assertEquals(before, State.of(learner).sha256());
    }
  }

  @Test
  void samplesCannotBeReferencesIntoAJournal() {
    AcclimateException refused =
        assertThrows(
            AcclimateException.class,
            () ->
                LearnerProvider.read(
                    "conpet-static",
                    ConfigFactory.parseString("rehearsal { storage = references }, host = lwf")));
    for (String words : List.of("rehearsal.storage", "host", "replay | ewc | emar")) {
      assertTrue(refused.getMessage().contains(words), refused.getMessage());
    }
  }
}

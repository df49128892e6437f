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
import io.acclimate.continual.SampleMasks;
import io.acclimate.continual.TinyStream;
import io.acclimate.continual.metrics.ContinualMetrics;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.Tensor;
import java.nio.DoubleBuffer;
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

  /**
   * The penalty is half of strength times the movement weighted by what mattered, and a task of two
   * classes begins with a loss of ln 2. So where training has not made the whole loss worse, that
   * movement is at most {@code 2 ln 2 / strength}.
   */
  @Test
  void consolidationHoldsWhatMattered() {
    double strength = 1e6;
    String alone = "rehearsal.ratio = 0, host = ";
    try (ContinualLearner held = learner(alone + "ewc, ewc-strength = " + strength);
        ContinualLearner free = learner(alone + "replay")) {
      TinyStream.learn(held, 0);
      DoubleBuffer mattered = LearnerStates.tensors(held, "consolidation/").get("fisher").doubles();
      double bound = 2 * Math.log(2) / strength;
      double moved = moved(held, mattered);
      assertTrue(moved <= bound, moved + " of at most " + bound);
      TinyStream.learn(free, 0);
      double unheld = moved(free, mattered);
      assertTrue(unheld > 2 * bound, unheld + " when nothing holds it, of at least " + 2 * bound);
    }
  }

  /** What mattered to a task is measured in its last pass, though a batch is refused in each. */
  @Test
  void aBatchThatIsRefusedCostsNoConsolidation() {
    try (ContinualLearner learner = learner("host = ewc")) {
      List<LabelledBatch> batches = TinyStream.batches(0, 1).subList(0, 3);
      LabelledBatch masked =
          new LabelledBatch(
              batches.get(0).inputs(),
              batches.get(0).labels(),
              new SampleMasks(new double[2], Map.of()));
      learner.beginTask(TinyStream.outline(0, batches.size()));
      for (int epoch = 0; epoch < learner.epochs(); epoch++) {
        assertFalse(learner.learn(masked).applied());
        batches.subList(1, 3).forEach(learner::learn);
      }
      learner.endTask();
      DoubleBuffer fisher =
          LearnerStates.tensors(learner, "consolidation/").get("fisher").doubles();
      double mattered = 0;
      for (int i = 0; i < fisher.capacity(); i++) {
        mattered += fisher.get(i);
      }
      assertTrue(mattered > 0, "nothing mattered");
      assertEquals(4, ((ConpetStatic) learner).rehearsed(), "each sample once");
    }
  }

  /** How far the second task moves values, each square weighted by how much the value mattered. */
  private static double moved(ContinualLearner learner, DoubleBuffer mattered) {
    Map<String, Tensor> before = learner.adapter().orElseThrow();
    TinyStream.learn(learner, 1);
    Map<String, Tensor> after = learner.adapter().orElseThrow();
    double moved = 0;
    int value = 0;
    for (Map.Entry<String, Tensor> one : before.entrySet()) {
      for (int i = 0; i < one.getValue().elements(); i++) {
        double change = after.get(one.getKey()).floats().get(i) - one.getValue().floats().get(i);
        moved += mattered.get(value++) * change * change;
      }
    }
    assertEquals(mattered.capacity(), value);
    return moved;
  }

  /** The second sample of a batch is learned in a second step. */
  @Test
  void aBatchIsLearnedAsAWholeOrNotAtAll() {
    try (ContinualLearner learner = learner("host = replay")) {
      TinyStream.learn(learner, 0);
      learner.beginTask(TinyStream.outline(1, 8));
      Map<String, Tensor> before = LearnerStates.learned(learner);
      LabelledBatch good = TinyStream.batches(1, 1).get(0);
      Tensor broken = good.inputs().get("x").copy();
      broken.floats().put((int) broken.elements() - 1, Float.NaN);
      LearnResult result = learner.learn(new LabelledBatch(Map.of("x", broken), good.labels()));
      assertFalse(result.applied());
      assertTrue(LearnerStates.areEqual(before, LearnerStates.learned(learner)));
    }
  }

  @Test
  void settingsOfAMemoryWithoutEffectAreRefused() {
    AcclimateException refused =
        assertThrows(
            AcclimateException.class,
            () ->
                LearnerProvider.read(
                    "conpet-static",
                    ConfigFactory.parseString(
                        "rehearsal { storage = references, policy = difficulty }, host = lwf")));
    for (String words :
        List.of("rehearsal.storage", "rehearsal.policy", "host", "replay | ewc | emar")) {
      assertTrue(refused.getMessage().contains(words), refused.getMessage());
    }
  }
}

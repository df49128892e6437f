package io.acclimate.continual.lae;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.acclimate.bank.TensorMaps;
import io.acclimate.continual.ContinualLearner;
import io.acclimate.continual.LabelledBatch;
import io.acclimate.continual.LearnerStates;
import io.acclimate.continual.TinyStream;
import io.acclimate.continual.metrics.ContinualMetrics;
import io.acclimate.runtime.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LaeTest {
  /** The paper's head. */
  private static final String LINEAR = ", head = linear, imprint = false";

  private static final String SETTINGS = TinyStream.settings("lae") + LINEAR;
  private static final String ONLINE = "online/trainer/parameters/";
  private static final String OFFLINE = "offline/";

  private static Map<String, Tensor> modules(Map<String, Tensor> parameters) {
    Map<String, Tensor> modules = new LinkedHashMap<>(parameters);
    modules.keySet().removeIf(name -> name.startsWith("head."));
    return modules;
  }

  @ParameterizedTest
  @ValueSource(strings = {"adapter {}", "lora { sites = [attention-k, attention-v] }", "prefix {}"})
  void theOfflineExpertFollowsTheOnlineOneByMomentum(String module) {
    String settings =
        "modules { %s }, epochs = 2, rate = 0.02, frozen-share = 0.5, keep-per-task = 0.9"
                .formatted(module)
            + LINEAR;
    try (ContinualLearner learner = TinyStream.learner("lae", settings)) {
      TinyStream.learn(learner, 0);
      assertTrue(LearnerStates.tensors(learner, OFFLINE).isEmpty(), "one task, one expert");
      assertEquals(1, learner.forwardsPerPrediction());
      List<LabelledBatch> batches = TinyStream.batches(1, 1);
      learner.beginTask(TinyStream.outline(1, batches.size()));
      assertEquals(2, learner.forwardsPerPrediction());
      Map<String, Tensor> start = modules(LearnerStates.tensors(learner, ONLINE));
      Map<String, Tensor> expected = LearnerStates.tensors(learner, OFFLINE);
      assertArrayEquals(TensorMaps.flatten(start), TensorMaps.flatten(expected));
      double momentum = Math.pow(0.9, 1.0 / (2 * batches.size()));
      for (int step = 0; step < 2 * batches.size(); step++) {
        learner.learn(batches.get(step % batches.size()));
        Map<String, Tensor> online = modules(LearnerStates.tensors(learner, ONLINE));
        boolean stands = Arrays.equals(TensorMaps.flatten(start), TensorMaps.flatten(online));
        assertEquals(step < batches.size(), stands, "only the head learns in the first half");
        TensorMaps.scaleAndAdd(1 - momentum, online, momentum, expected);
        assertArrayEquals(
            TensorMaps.flatten(expected),
            TensorMaps.flatten(LearnerStates.tensors(learner, OFFLINE)),
            1e-12);
      }
    }
  }

  @Test
  void theRowsOfOldClassesStay() {
    try (ContinualLearner learner = TinyStream.learner("lae", SETTINGS)) {
      TinyStream.learn(learner, 0);
      Map<String, Tensor> before = LearnerStates.tensors(learner, "online/parameters/");
      TinyStream.learn(learner, 1);
      Map<String, Tensor> after = LearnerStates.tensors(learner, "online/parameters/");
      int heads = 0;
      for (Map.Entry<String, Tensor> old : before.entrySet()) {
        if (old.getKey().startsWith("head.")) {
          Tensor rows = after.get(old.getKey()).rows(TinyStream.CLASSES_PER_TASK);
          assertTrue(old.getValue().contentEquals(rows), old.getKey());
          heads++;
        }
      }
      assertEquals(2, heads);
    }
  }

  @Test
  void atShareOneTheOfflineExpertNeverMoves() {
    try (ContinualLearner learner =
        TinyStream.learner("lae", SETTINGS + ", keep-per-task = 1, frozen-share = 0")) {
      TinyStream.learn(learner, 0);
      Map<String, Tensor> first = modules(LearnerStates.tensors(learner, "online/parameters/"));
      TinyStream.learn(learner, 1);
      assertArrayEquals(
          TensorMaps.flatten(first), TensorMaps.flatten(LearnerStates.tensors(learner, OFFLINE)));
      Map<String, Tensor> online = modules(LearnerStates.tensors(learner, "online/parameters/"));
      assertFalse(Arrays.equals(TensorMaps.flatten(first), TensorMaps.flatten(online)));
    }
  }

  @Test
  void memoryGrowsByTheRowsOfTheHeadAlone() {
    try (ContinualLearner learner = TinyStream.learner("lae", SETTINGS)) {
      TinyStream.learn(learner, 0);
      TinyStream.learn(learner, 1);
      long two = learner.bytes();
      TinyStream.learn(learner, 2);
      int row = (8 + 1) * Float.BYTES;
      assertEquals(two + (long) TinyStream.CLASSES_PER_TASK * row, learner.bytes());
    }
  }

  @Test
  void imprintingMovesNoExpert() {
    try (ContinualLearner learner = TinyStream.learner("lae", TinyStream.settings("lae"))) {
      TinyStream.learn(learner, 0);
      List<LabelledBatch> batches = TinyStream.batches(1, 1);
      learner.beginTask(TinyStream.outline(1, batches.size()));
      Map<String, Tensor> online = modules(LearnerStates.tensors(learner, ONLINE));
      Map<String, Tensor> offline = LearnerStates.tensors(learner, OFFLINE);
      batches.forEach(learner::learn);
      assertArrayEquals(
          TensorMaps.flatten(online),
          TensorMaps.flatten(modules(LearnerStates.tensors(learner, ONLINE))));
      assertArrayEquals(
          TensorMaps.flatten(offline), TensorMaps.flatten(LearnerStates.tensors(learner, OFFLINE)));
    }
  }

  /** Both experts answer through the head as it is, whether or not it was asked before. */
  @Test
  void predictionsBetweenImprintedBatchesChangeNoLaterOnes() {
    try (ContinualLearner asked = TinyStream.learner("lae", TinyStream.settings("lae"));
        ContinualLearner silent = TinyStream.learner("lae", TinyStream.settings("lae"))) {
      List<double[]> found = new ArrayList<>();
      for (ContinualLearner learner : List.of(asked, silent)) {
        TinyStream.learn(learner, 0);
        TinyStream.learn(learner, 1);
        learner.beginTask(TinyStream.outline(2, 8));
        double[] scores = new double[2 * 6];
        for (LabelledBatch batch : TinyStream.batches(2, 1).subList(0, 2)) {
          if (learner == asked) {
            learner.predict(batch.inputs(), scores);
          }
          learner.learn(batch);
        }
        learner.predict(TinyStream.batches(2, 2).get(0).inputs(), scores);
        found.add(scores);
      }
      assertArrayEquals(found.get(1), found.get(0));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {LINEAR, ", head = cosine, imprint = true"})
  void forgetsLessThanNaiveTuning(String head) {
    String settings = TinyStream.settings("lae") + head;
    try (ContinualLearner learner = TinyStream.learner("lae", settings);
        ContinualLearner control = TinyStream.learner("naive", settings)) {
      ContinualMetrics lae = TinyStream.run(learner);
      ContinualMetrics naive = TinyStream.run(control);
      assertTrue(lae.forgetting() <= naive.forgetting() - 0.03, "forgets " + lae.forgetting());
      assertTrue(lae.lastAccuracy() >= naive.lastAccuracy(), "last " + lae.lastAccuracy());
    }
  }
}

package io.acclimate.continual.mos;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.acclimate.bank.TensorMaps;
import io.acclimate.continual.ContinualLearner;
import io.acclimate.continual.LabelledBatch;
import io.acclimate.continual.LearnerStates;
import io.acclimate.continual.TaskOutline;
import io.acclimate.continual.TinyStream;
import io.acclimate.continual.metrics.ContinualMetrics;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.state.State;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MosTest {
  private static final String SETTINGS = "epochs = 5, rate = 0.02";

  private static ContinualLearner learner(String more) {
    return TinyStream.learner("mos", SETTINGS + more);
  }

  private static Map<String, Tensor> live(ContinualLearner learner) {
    Map<String, Tensor> live = LearnerStates.tensors(learner, "tuning/trainer/parameters/");
    live.keySet().removeIf(name -> name.startsWith("head."));
    return live;
  }

  /** Steps with and without merging differ by one merge. */
  @Test
  void eachStepMergesOnce() {
    try (ContinualLearner merging = learner("");
        ContinualLearner free = learner(", merge-weight = 0")) {
      for (ContinualLearner learner : List.of(merging, free)) {
        TinyStream.learn(learner, 0);
      }
      Map<String, Tensor> first = LearnerStates.tensors(merging, "adapters/task0/");
      LabelledBatch batch = TinyStream.batches(1, 1).get(0);
      for (ContinualLearner learner : List.of(merging, free)) {
        learner.beginTask(TinyStream.outline(1, 8));
        learner.learn(batch);
      }
      Map<String, Tensor> expected = live(free);
      TensorMaps.scaleAndAdd(0.1, first, 0.9, expected);
      assertArrayEquals(TensorMaps.flatten(expected), TensorMaps.flatten(live(merging)), 1e-7);
    }
  }

  @Test
  void adaptersOfEarlierTasksNeverChange() {
    try (ContinualLearner learner = learner("")) {
      TinyStream.learn(learner, 0);
      Map<String, Tensor> first = LearnerStates.tensors(learner, "adapters/task0/");
      assertFalse(first.isEmpty());
      TinyStream.learn(learner, 1);
      TinyStream.learn(learner, 2);
      assertTrue(LearnerStates.areEqual(first, LearnerStates.tensors(learner, "adapters/task0/")));
      assertFalse(LearnerStates.areEqual(first, LearnerStates.tensors(learner, "adapters/task2/")));
    }
  }

  @Test
  void theLastPassTrainsNothing() {
    try (ContinualLearner learner = learner("")) {
      List<LabelledBatch> batches = TinyStream.batches(0, 1);
      learner.beginTask(TinyStream.outline(0, batches.size()));
      assertEquals(6, learner.epochs());
      for (int epoch = 0; epoch < 5; epoch++) {
        batches.forEach(learner::learn);
      }
      Map<String, Tensor> trained = LearnerStates.tensors(learner, "tuning/");
      batches.forEach(learner::learn);
      assertTrue(LearnerStates.areEqual(trained, LearnerStates.tensors(learner, "tuning/")));
      learner.endTask();
      assertEquals(8, LearnerStates.tensors(learner, "statistics/0/").get("count").longs().get(0));
    }
  }

  /** A batch that is refused in each pass does not put off the pass that takes statistics. */
  @Test
  void aBatchThatIsRefusedCostsNoStatistics() {
    try (ContinualLearner learner = learner("")) {
      List<LabelledBatch> batches = TinyStream.batches(0, 1).subList(0, 3);
      Tensor broken = batches.get(0).inputs().get("x").copy();
      broken.floats().put(0, Float.NaN);
      learner.beginTask(TinyStream.outline(0, batches.size()));
      for (int epoch = 0; epoch < learner.epochs(); epoch++) {
        learner.learn(new LabelledBatch(Map.of("x", broken), new int[] {0, 1}));
        batches.subList(1, 3).forEach(learner::learn);
      }
      learner.endTask();
      assertEquals(2, LearnerStates.tensors(learner, "statistics/0/").get("count").longs().get(0));
    }
  }

  @Test
  void alignmentAndBothStagesHelpOldClasses() {
    try (ContinualLearner whole = learner("");
        ContinualLearner unaligned = learner(", alignment.epochs = 0, stages = adapters");
        ContinualLearner naive = TinyStream.learner("naive", TinyStream.settings("naive"))) {
      ContinualMetrics found = TinyStream.run(whole);
      assertTrue(found.lastAccuracy() > TinyStream.run(unaligned).lastAccuracy());
      assertTrue(found.lastAccuracy() > TinyStream.run(naive).lastAccuracy() + 0.3);
    }
  }

  @Test
  void prototypesAloneTakeOnePass() {
    try (ContinualLearner learner = learner(", stages = prototypes")) {
      assertTrue(TinyStream.run(learner).lastAccuracy() > 0.7);
      assertEquals(1, learner.forwardsPerPrediction());
      double[] scores = new double[2 * 6];
      learner.predict(TinyStream.batches(0, 2).get(0).inputs(), scores);
      assertTrue(Arrays.stream(scores).allMatch(cosine -> cosine >= -1 && cosine <= 1));
    }
  }

  @Test
  void anAnswerTakesAtMostTheIterationsAndOne() {
    try (ContinualLearner learner = learner(", retrieval.self-refined.max-iterations = 2")) {
      TinyStream.learn(learner, 0);
      assertEquals(1, learner.forwardsPerPrediction());
      TinyStream.learn(learner, 1);
      assertEquals(3, learner.forwardsPerPrediction());
      double[] scores = new double[2 * 4];
      learner.predict(TinyStream.batches(0, 2).get(0).inputs(), scores);
      assertEquals(4, Arrays.stream(scores).sum(), 1e-9, "two distributions for each of two rows");
    }
  }

  /**
   * A strategy that runs no adapter leaves that to the learner: one more pass, of the task it
   * found.
   */
  @Test
  void anyStrategyThatItCanAnswerFindsTheAdapter() {
    try (ContinualLearner learner =
            learner(", stages = adapters, retrieval { nearest-prototype {} }");
        ContinualLearner refined = learner(", stages = adapters")) {
      TinyStream.run(learner);
      TinyStream.run(refined);
      assertEquals(2, learner.forwardsPerPrediction());
      for (int task = 0; task < TinyStream.TASKS; task++) {
        for (LabelledBatch batch : TinyStream.batches(task, 2)) {
          assertNearestPrototypesAdapter(learner, batch);
        }
      }
    }
  }

  private static void assertNearestPrototypesAdapter(
      ContinualLearner learner, LabelledBatch batch) {
    double[] found = new double[2 * 6];
    learner.predict(batch.inputs(), found);
    boolean[] isOfSomeTask = new boolean[2];
    double[] told = new double[2 * 6];
    for (int task = 0; task < TinyStream.TASKS; task++) {
      learner.predict(batch.inputs(), task, told);
      for (int row = 0; row < 2; row++) {
        isOfSomeTask[row] |= Arrays.equals(told, 6 * row, 6 * row + 6, found, 6 * row, 6 * row + 6);
      }
    }
    assertTrue(isOfSomeTask[0] && isOfSomeTask[1]);
  }

  @Test
  void strategiesThatItCannotAnswerAreRefusedBeforeItLearns() {
    AcclimateException selector =
        assertThrows(AcclimateException.class, () -> learner(", retrieval { selector {} }"));
    assertTrue(selector.getMessage().contains("selector needs selector"), selector.getMessage());
    AcclimateException unknown =
        assertThrows(AcclimateException.class, () -> learner(", retrieval { self-refine {} }"));
    assertTrue(unknown.getMessage().contains("did you mean 'self-refined'"), unknown.getMessage());
  }

  /** Told the task, the adapter of that task answers, and the state stays as it is. */
  @Test
  void aToldTaskIsAnsweredByItsAdapter() {
    try (ContinualLearner learner = learner("")) {
      TinyStream.run(learner);
      State before = State.of(learner);
      Map<String, Tensor> inputs = TinyStream.batches(1, 2).get(0).inputs();
      double[] first = new double[2 * 6];
      double[] own = new double[2 * 6];
      learner.predict(inputs, 0, first);
      learner.predict(inputs, 1, own);
      assertFalse(Arrays.equals(first, own), "another adapter");
      assertEquals(before, State.of(learner));
      AcclimateException refused =
          assertThrows(AcclimateException.class, () -> learner.predict(inputs, 3, own));
      assertTrue(refused.getMessage().contains("from 0 to 2"), refused.getMessage());
    }
  }

  @Test
  void tasksOfOldClassesKeepAdaptersAndStatistics() {
    try (ContinualLearner learner = learner("")) {
      TinyStream.learn(learner, 0);
      Map<String, Tensor> first = LearnerStates.tensors(learner, "adapters/");
      learner.beginTask(TaskOutline.ofRange(0, 2, 8));
      for (int epoch = 0; epoch < learner.epochs(); epoch++) {
        TinyStream.batches(0, 3).forEach(learner::learn);
      }
      learner.endTask();
      assertTrue(LearnerStates.areEqual(first, LearnerStates.tensors(learner, "adapters/")));
      assertEquals(8, LearnerStates.tensors(learner, "first/0/").get("count").longs().get(0));
      assertEquals(2, learner.tasks());
      String state = State.of(learner).sha256();
      TinyStream.accuracy(learner, 0);
      assertEquals(state, State.of(learner).sha256());
    }
  }
}

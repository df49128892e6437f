package io.acclimate.continual.conpet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import io.acclimate.bank.retrieval.Retrieved;
import io.acclimate.bank.retrieval.SelectorProvider;
import io.acclimate.continual.ContinualLearner;
import io.acclimate.continual.LabelledBatch;
import io.acclimate.continual.LearnerStates;
import io.acclimate.continual.TaskOutline;
import io.acclimate.continual.TinyStream;
import io.acclimate.runtime.Rows;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.method.MethodRegistry;
import io.acclimate.runtime.settings.SettingsReader;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConpetDynamicTest {
  private static final String SETTINGS = TinyStream.settings("conpet-dynamic");

  private static ConpetDynamic learner(String more) {
    return (ConpetDynamic) TinyStream.learner("conpet-dynamic", SETTINGS + more);
  }

  private static void learnAll(ContinualLearner learner) {
    for (int task = 0; task < TinyStream.TASKS; task++) {
      TinyStream.learn(learner, task);
    }
  }

  @Test
  void modulesOfEarlierTasksNeverChange() {
    try (ConpetDynamic learner = learner("")) {
      TinyStream.learn(learner, 0);
      Map<String, Tensor> first = LearnerStates.tensors(learner, "modules/module0/");
      assertFalse(first.isEmpty());
      TinyStream.learn(learner, 1);
      Map<String, Tensor> second = LearnerStates.tensors(learner, "modules/module1/");
      assertFalse(LearnerStates.areEqual(first, second));
      TinyStream.learn(learner, 2);
      assertTrue(LearnerStates.areEqual(first, LearnerStates.tensors(learner, "modules/module0/")));
      assertTrue(
          LearnerStates.areEqual(second, LearnerStates.tensors(learner, "modules/module1/")));
    }
  }

  @Test
  void anAnswerTakesTheSelectorAndTheModulesItAsks() {
    try (ConpetDynamic learner = learner(", retrieval.selector.top-k = 2")) {
      TinyStream.learn(learner, 0);
      assertEquals(1, learner.forwardsPerPrediction(), "nothing to select");
      TinyStream.learn(learner, 1);
      TinyStream.learn(learner, 2);
      assertEquals(3, learner.forwardsPerPrediction());
      assertAsked(learner, 2);
    }
    try (ConpetDynamic learner = learner("")) {
      learnAll(learner);
      assertEquals(2, learner.forwardsPerPrediction());
      assertAsked(learner, 1);
    }
  }

  private static void assertAsked(ConpetDynamic learner, int modules) {
    LabelledBatch batch = TinyStream.batches(1, 2).get(0);
    double[] scores = new double[2 * 6];
    learner.predict(batch.inputs(), scores);
    for (int row = 0; row < 2; row++) {
      long open =
          Arrays.stream(scores, row * 6, (row + 1) * 6).filter(score -> score != -100).count();
      assertEquals(2 * modules, open);
    }
  }

  /** Accuracy is that of the selector times that of the modules, or little less. */
  @ParameterizedTest
  @ValueSource(strings = {"tasks", "classes"})
  void littleIsLostBetweenSelectorAndModules(String targets) {
    SettingsReader settings =
        new SettingsReader(ConfigFactory.empty(), MethodRegistry.defaults("selector"), "");
    int all = 0;
    int selected = 0;
    int withOracle = 0;
    int right = 0;
    try (ConpetDynamic learner = learner(", selector-targets = " + targets)) {
      learnAll(learner);
      double[] scores = new double[2 * 6];
      for (int task = 0; task < TinyStream.TASKS; task++) {
        for (LabelledBatch batch : TinyStream.batches(task, 2)) {
          all += 2;
          for (Retrieved found :
              learner.select(batch.inputs(), new SelectorProvider().create(settings))) {
            selected += found.task() == task ? 1 : 0;
          }
          learner.predict(batch.inputs(), task, scores);
          withOracle += right(scores, batch.labels());
          learner.predict(batch.inputs(), scores);
          right += right(scores, batch.labels());
        }
      }
    }
    double product = selected / (double) all * withOracle / all;
    assertTrue(right / (double) all >= 0.95 * product, right + " of " + all + ", " + product);
    assertTrue(right / (double) all > 0.7, "far above chance: " + right + " of " + all);
  }

  private static int right(double[] scores, int[] labels) {
    int right = 0;
    for (int row = 0; row < labels.length; row++) {
      right += Rows.greatest(scores, row * 6, 6) == labels[row] ? 1 : 0;
    }
    return right;
  }

  /** What is copied before each batch, to be put back, is the same whatever the tasks before. */
  @Test
  void aBatchCopiesNothingOfEarlierModules() {
    try (ConpetDynamic learner = learner("")) {
      TinyStream.learn(learner, 0);
      long[] copied = new long[2];
      for (int task = 1; task < TinyStream.TASKS; task++) {
        learner.beginTask(TinyStream.outline(task, 8));
        TinyStream.batches(task, 1).forEach(learner::learn);
        Map<String, Tensor> all = LearnerStates.tensors(learner.training(), "");
        all.keySet().removeIf(name -> name.startsWith("selector/"));
        all.keySet().removeIf(name -> name.startsWith("consolidation/"));
        copied[task - 1] = all.values().stream().mapToLong(Tensor::elements).sum();
        learner.endTask();
      }
      assertTrue(copied[0] > 0, "the open module is copied");
      assertEquals(copied[0], copied[1]);
    }
  }

  @Test
  void samplesOfOldClassesTeachTheSelectorAlone() {
    try (ConpetDynamic learner = learner("")) {
      TinyStream.learn(learner, 0);
      Map<String, Tensor> first = LearnerStates.tensors(learner, "modules/module0/");
      learner.beginTask(TaskOutline.ofRange(0, 4, 16));
      TinyStream.batches(0, 1).forEach(learner::learn);
      TinyStream.batches(1, 1).forEach(learner::learn);
      learner.endTask();
      assertTrue(LearnerStates.areEqual(first, LearnerStates.tensors(learner, "modules/module0/")));
      learner.beginTask(TaskOutline.ofRange(0, 2, 8));
      assertTrue(learner.learn(TinyStream.batches(0, 1).get(0)).applied());
      learner.endTask();
      assertEquals(4, learner.classes());
      assertEquals(2, learner.forwardsPerPrediction(), "no module for a task without new classes");
    }
  }
}

package io.acclimate.continual;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.state.State;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every learner of the registry promises. */
class LearnerContractTest {
  static Set<String> names() {
    return LearnerProvider.registry().names();
  }

  private static ContinualLearner learner(String name) {
    return TinyStream.learner(name, TinyStream.settings(name));
  }

  @Test
  void theRegistryHasTheLearners() {
    Set<String> expected =
        Set.of("conpet-dynamic", "conpet-static", "frozen-ncm", "joint", "lae", "mos", "naive");
    assertTrue(names().containsAll(expected), "" + names());
  }

  @ParameterizedTest
  @MethodSource("names")
  void learnsAndKeepsCount(String name) {
    try (ContinualLearner learner = learner(name)) {
      assertEquals(0, learner.classes());
      assertTrue(TinyStream.run(learner).stageAccuracy(0) > 0.7, "far above the half of chance");
      assertEquals(TinyStream.TASKS, learner.tasks());
      assertEquals(TinyStream.TASKS * TinyStream.CLASSES_PER_TASK, learner.classes());
      assertTrue(learner.bytes() > 0);
      assertTrue(learner.forwardsPerPrediction() >= 1);
    }
  }

  @ParameterizedTest
  @MethodSource("names")
  void equalCallsGiveEqualBits(String name) {
    try (ContinualLearner one = learner(name);
        ContinualLearner other = learner(name)) {
      TinyStream.run(one);
      for (int task = 0; task < TinyStream.TASKS; task++) {
        TinyStream.learn(other, task);
      }
      assertEquals(State.of(one).sha256(), State.of(other).sha256());
    }
  }

  @ParameterizedTest
  @MethodSource("names")
  void aSavedLearnerGoesOnInTheMiddleOfATask(String name) {
    List<LabelledBatch> rest = TinyStream.batches(1, 3);
    try (ContinualLearner whole = learner(name);
        ContinualLearner resumed = learner(name)) {
      TinyStream.learn(whole, 0);
      TinyStream.learnWithoutEnd(whole, 1);
      State.fromBytes(State.of(whole).toBytes()).restore(resumed);
      for (ContinualLearner learner : List.of(whole, resumed)) {
        rest.forEach(learner::learn);
        learner.endTask();
        TinyStream.learn(learner, 2);
      }
      assertEquals(State.of(whole).sha256(), State.of(resumed).sha256());
      assertArrayEquals(scores(whole), scores(resumed));
    }
  }

  @ParameterizedTest
  @MethodSource("names")
  void aStateCanBePutBackBeforeTheFirstTask(String name) {
    try (ContinualLearner learner = learner(name)) {
      State fresh = State.of(learner);
      TinyStream.learn(learner, 0);
      fresh.restore(learner);
      assertEquals(fresh, State.of(learner));
      TinyStream.learn(learner, 0);
      assertTrue(TinyStream.accuracy(learner, 0) > 0.7);
    }
  }

  @ParameterizedTest
  @MethodSource("names")
  void predictionsChangeNothing(String name) {
    try (ContinualLearner learner = learner(name)) {
      TinyStream.learn(learner, 0);
      TinyStream.learnWithoutEnd(learner, 1);
      String before = State.of(learner).sha256();
      double[] first = scores(learner);
      for (int i = 0; i < 100; i++) {
        assertArrayEquals(first, scores(learner));
      }
      assertEquals(before, State.of(learner).sha256());
    }
  }

  @ParameterizedTest
  @MethodSource("names")
  void anyNumberOfRowsIsPredictedRowByRow(String name) {
    try (ContinualLearner learner = learner(name)) {
      TinyStream.learn(learner, 0);
      List<float[]> samples = new ArrayList<>();
      var random = SeedTree.of(8).generator();
      for (int i = 0; i < 5; i++) {
        samples.add(TinyStream.sample(i % 2, random));
      }
      double[] together = new double[5 * 2];
      learner.predict(TinyStream.inputs(samples), together);
      double[] one = new double[2];
      for (int i = 0; i < 5; i++) {
        learner.predict(TinyStream.inputs(List.of(samples.get(i))), one);
        assertEquals(together[2 * i], one[0], 1e-5);
        assertEquals(together[2 * i + 1], one[1], 1e-5);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("names")
  void badCallsAreRefusedAndChangeNothing(String name) {
    LabelledBatch good = TinyStream.batches(0, 1).get(0);
    try (ContinualLearner learner = learner(name)) {
      assertRefused(learner, "open task", () -> learner.learn(good));
      assertRefused(learner, "open task", learner::endTask);
      assertRefused(learner, "prediction", () -> scores(learner));
      assertRefused(learner, "without gaps", () -> learner.beginTask(TaskOutline.ofRange(1, 3, 1)));
      learner.beginTask(TinyStream.outline(0, 8));
      assertRefused(learner, "ended first", () -> learner.beginTask(TinyStream.outline(1, 8)));
      assertRefused(
          learner,
          "expected a label",
          () -> learner.learn(new LabelledBatch(good.inputs(), new int[] {0, 7})));
      assertRefused(
          learner,
          "expected inputs",
          () ->
              learner.learn(new LabelledBatch(Map.of("y", good.inputs().get("x")), good.labels())));
      Tensor wrong = Tensor.allocate(DType.FLOAT32, 2, 5, 9);
      assertRefused(
          learner,
          "input 'x'",
          () -> learner.learn(new LabelledBatch(Map.of("x", wrong), good.labels())));
    }
  }

  /** Neither steps nor statistics nor what is kept for later tasks know what is masked. */
  @ParameterizedTest
  @MethodSource("names")
  void whatIsMaskedTeachesNothing(String name) {
    try (ContinualLearner one = learner(name);
        ContinualLearner other = learner(name);
        ContinualLearner seeing = learner(name)) {
      learnMasked(one, true, 0);
      learnMasked(other, true, 1);
      learnMasked(seeing, false, 1);
      assertEquals(State.of(one).sha256(), State.of(other).sha256());
      assertFalse(State.of(one).equals(State.of(seeing)));
      TinyStream.learn(one, 1);
      TinyStream.learn(other, 1);
      assertEquals(State.of(one).sha256(), State.of(other).sha256());
    }
  }

  /**
   * Learns a task; the second row of each batch does not count and the other shows only every other
   * value.
   *
   * @param masked whether the masks are given
   * @param added to all that they mask
   */
  private static void learnMasked(ContinualLearner learner, boolean masked, float added) {
    List<LabelledBatch> batches = new ArrayList<>();
    for (LabelledBatch batch : TinyStream.batches(0, 1)) {
      Tensor x = batch.inputs().get("x").copy();
      boolean[] shown = new boolean[(int) x.elements()];
      for (int i = 0; i < shown.length; i++) {
        shown[i] = i < shown.length / 2 && i % 2 == 0;
        x.floats().put(i, x.floats().get(i) + (shown[i] ? 0 : added));
      }
      SampleMasks masks = new SampleMasks(new double[] {0.5, 0}, Map.of("x", shown));
      batches.add(
          new LabelledBatch(Map.of("x", x), batch.labels(), masked ? masks : SampleMasks.NONE));
    }
    learner.beginTask(TinyStream.outline(0, batches.size()));
    for (int epoch = 0; epoch < learner.epochs(); epoch++) {
      batches.forEach(batch -> assertTrue(learner.learn(batch).applied()));
    }
    learner.endTask();
  }

  @ParameterizedTest
  @MethodSource("names")
  void aBatchOfWhichNothingCountsIsRefused(String name) {
    LabelledBatch good = TinyStream.batches(0, 1).get(0);
    SampleMasks none = new SampleMasks(new double[2], Map.of());
    try (ContinualLearner learner = learner(name)) {
      learner.beginTask(TinyStream.outline(0, 8));
      Map<String, Tensor> before = LearnerStates.learned(learner);
      LearnResult result = learner.learn(new LabelledBatch(good.inputs(), good.labels(), none));
      assertEquals("batch refused: no row counts", result.refusal());
      assertTrue(LearnerStates.areEqual(before, LearnerStates.learned(learner)));
    }
  }

  private static void assertRefused(ContinualLearner learner, String words, Runnable call) {
    String before = State.of(learner).sha256();
    AcclimateException refused = assertThrows(AcclimateException.class, call::run);
    assertTrue(refused.getMessage().contains(words), refused.getMessage());
    assertEquals(before, State.of(learner).sha256());
  }

  @ParameterizedTest
  @MethodSource("names")
  void samplesThatAreNotFiniteTeachNothing(String name) {
    try (ContinualLearner learner = learner(name)) {
      TinyStream.learn(learner, 0);
      learner.beginTask(TinyStream.outline(1, 8));
      learner.learn(TinyStream.batches(1, 1).get(0));
      double[] before = scores(learner);
      Tensor broken = TinyStream.batches(1, 1).get(1).inputs().get("x").copy();
      broken.floats().put(0, Float.NaN);
      LearnResult result = learner.learn(new LabelledBatch(Map.of("x", broken), new int[] {2, 3}));
      assertFalse(result.applied());
      assertArrayEquals(before, scores(learner));
    }
  }

  @ParameterizedTest
  @MethodSource("names")
  void emptyTasksSingleSamplesAndSingleClassesAreTasksToo(String name) {
    try (ContinualLearner learner = learner(name)) {
      learner.beginTask(TinyStream.outline(0, 0));
      learner.endTask();
      learner.beginTask(TaskOutline.ofRange(2, 3, 1));
      float[] sample = TinyStream.sample(2, SeedTree.of(1).generator());
      LearnResult result =
          learner.learn(new LabelledBatch(TinyStream.inputs(List.of(sample)), new int[] {2}));
      assertTrue(result.applied());
      learner.endTask();
      assertTrue(DoubleStream.of(scores(learner)).allMatch(Double::isFinite));
      assertEquals(3, learner.classes());
    }
  }

  @Test
  void mistakesInSettingsAreReportedTogether() {
    AcclimateException mistakes =
        assertThrows(
            AcclimateException.class,
            () ->
                LearnerProvider.read(
                    "lae",
                    ConfigFactory.parseString("modules { lorra {} }, epochs = 0, keep = 0.9")));
    for (String words : List.of("lorra", "epochs", "keep-per-task")) {
      assertTrue(mistakes.getMessage().contains(words), mistakes.getMessage());
    }
  }

  private static double[] scores(ContinualLearner learner) {
    double[] scores = new double[2 * Math.max(1, learner.classes())];
    learner.predict(TinyStream.batches(0, 4).get(0).inputs(), scores);
    return scores;
  }
}

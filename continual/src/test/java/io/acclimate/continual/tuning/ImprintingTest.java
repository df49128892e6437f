package io.acclimate.continual.tuning;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import io.acclimate.continual.ContinualLearner;
import io.acclimate.continual.LabelledBatch;
import io.acclimate.continual.LearnResult;
import io.acclimate.continual.LearnerProvider;
import io.acclimate.continual.SampleMasks;
import io.acclimate.continual.TinyStream;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.state.State;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImprintingTest {
  private static final double SCALE = 4;
  private static final String SETTINGS =
      TinyStream.settings("naive") + ", head = cosine, imprint = true, head-scale = " + SCALE;

  private static double[] scores(ContinualLearner learner) {
    double[] scores = new double[2 * learner.classes()];
    learner.predict(TinyStream.batches(0, 4).get(0).inputs(), scores);
    return scores;
  }

  /** Modules change nothing at the start, so the features are those of the frozen model. */
  @ParameterizedTest
  @ValueSource(strings = {"naive", "joint", "lae"})
  void aLearnerStartsAsTheNearestClassMean(String name) {
    try (ContinualLearner learner = TinyStream.learner(name, SETTINGS);
        ContinualLearner means = TinyStream.learner("frozen-ncm", "")) {
      List<LabelledBatch> batches = TinyStream.batches(0, 1);
      assertEquals(6, learner.epochs(), "five epochs and a pass before them");
      for (ContinualLearner each : List.of(learner, means)) {
        each.beginTask(TinyStream.outline(0, batches.size()));
        for (LabelledBatch batch : batches) {
          assertEquals(LearnResult.COUNTED, each.learn(batch));
        }
      }
      double[] cosines = scores(learner);
      if (name.equals("lae")) {
        assertEquals(1, cosines[0] + cosines[1], 1e-9);
        assertEquals(
            Math.log(cosines[0] / cosines[1]), SCALE * (scores(means)[0] - scores(means)[1]), 1e-4);
      } else {
        double[] expected = Arrays.stream(scores(means)).map(cosine -> SCALE * cosine).toArray();
        assertArrayEquals(expected, cosines, 1e-4);
      }
      assertTrue(learner.learn(batches.get(0)).loss() > 0, "then steps are made");
    }
  }

  @Test
  void oldClassesKeepTheirWeights() {
    try (ContinualLearner learner = TinyStream.learner("naive", SETTINGS + ", rate = 0")) {
      TinyStream.learn(learner, 0);
      double[] before = scores(learner);
      TinyStream.learn(learner, 1);
      double[] after = scores(learner);
      assertEquals(before[0], after[0], 1e-6);
      assertEquals(before[1], after[1], 1e-6);
    }
  }

  @Test
  void aSavedLearnerGoesOnInTheMiddleOfThePass() {
    List<LabelledBatch> batches = TinyStream.batches(0, 1);
    try (ContinualLearner whole = TinyStream.learner("lae", SETTINGS);
        ContinualLearner resumed = TinyStream.learner("lae", SETTINGS)) {
      whole.beginTask(TinyStream.outline(0, batches.size()));
      batches.subList(0, 3).forEach(whole::learn);
      State.fromBytes(State.of(whole).toBytes()).restore(resumed);
      for (ContinualLearner learner : List.of(whole, resumed)) {
        batches.subList(3, 8).forEach(learner::learn);
        batches.forEach(learner::learn);
        learner.endTask();
      }
      assertEquals(State.of(whole).sha256(), State.of(resumed).sha256());
    }
  }

  @Test
  void samplesThatAreNotFiniteAreRefused() {
    try (ContinualLearner learner = TinyStream.learner("naive", SETTINGS)) {
      learner.beginTask(TinyStream.outline(0, 8));
      Tensor broken = TinyStream.batches(0, 1).get(0).inputs().get("x").copy();
      broken.floats().put(0, Float.NaN);
      String before = State.of(learner).sha256();
      assertFalse(
          learner.learn(new LabelledBatch(Map.of("x", broken), new int[] {0, 1})).applied());
      assertEquals(before, State.of(learner).sha256());
    }
  }

  private static String imprinted(Tensor x, SampleMasks masks) {
    try (ContinualLearner learner = TinyStream.learner("naive", SETTINGS)) {
      learner.beginTask(TinyStream.outline(0, 8));
      learner.learn(new LabelledBatch(Map.of("x", x), new int[] {0, 1}, masks));
      return State.of(learner).sha256();
    }
  }

  @Test
  void whatIsHiddenIsNotImprinted() {
    Tensor x = TinyStream.batches(0, 1).get(0).inputs().get("x");
    int half = Math.toIntExact(x.elements() / x.dim(0));
    boolean[] shown = new boolean[2 * half];
    Arrays.fill(shown, true);
    Tensor other = x.copy();
    for (int last : List.of(half - 1, 2 * half - 1)) {
      shown[last] = false;
      other.floats().put(last, 3 - x.floats().get(last));
    }
    SampleMasks hidden = new SampleMasks(new double[0], Map.of("x", shown));
    assertEquals(imprinted(x, hidden), imprinted(other, hidden));
    assertNotEquals(imprinted(x, SampleMasks.NONE), imprinted(other, SampleMasks.NONE));
  }

  @Test
  void onlyACosineHeadIsImprinted() {
    AcclimateException mistake =
        assertThrows(
            AcclimateException.class,
            () -> LearnerProvider.read("naive", ConfigFactory.parseString("imprint = true")));
    assertTrue(mistake.getMessage().contains("imprint"), mistake.getMessage());
  }
}

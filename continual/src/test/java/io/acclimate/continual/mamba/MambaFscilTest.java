package io.acclimate.continual.mamba;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import io.acclimate.bank.pet.Pooling;
import io.acclimate.continual.Backbone;
import io.acclimate.continual.ContinualLearner;
import io.acclimate.continual.LabelledBatch;
import io.acclimate.continual.LearnerContext;
import io.acclimate.continual.LearnerProvider;
import io.acclimate.continual.TaskOutline;
import io.acclimate.continual.TinyStream;
import io.acclimate.continual.tuning.FrozenOutput;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.graph.GraphBuilder;
import io.acclimate.runtime.graph.ValueType;
import io.acclimate.runtime.state.State;
import io.acclimate.runtime.testing.TestNetworks;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MambaFscilTest {
  private static ContinualLearner learner(String more) {
    return TinyStream.learner("mamba-fscil", TinyStream.settings("mamba-fscil") + more);
  }

  private static double[] scores(ContinualLearner learner) {
    double[] scores = new double[2 * learner.classes()];
    learner.predict(TinyStream.batches(0, 4).get(0).inputs(), scores);
    return scores;
  }

  /** With a restart, also after a session: neither base branch nor head have moved. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aSessionStartsWithTheBasesAnswers(boolean restart) {
    try (ContinualLearner learner = learner(", restart = " + restart)) {
      TinyStream.learn(learner, 0);
      double[] base = scores(learner);
      learner.beginTask(TinyStream.outline(1, 8));
      assertArrayEquals(base, firstTwo(scores(learner)));
      TinyStream.batches(1, 1).forEach(learner::learn);
      learner.endTask();
      assertFalse(Arrays.equals(base, firstTwo(scores(learner))), "the session changes answers");
      learner.beginTask(TinyStream.outline(2, 8));
      assertEquals(restart, Arrays.equals(base, firstTwo(scores(learner))));
    }
  }

  /** The scores of the first two classes. */
  private static double[] firstTwo(double[] scores) {
    int classes = scores.length / 2;
    return new double[] {scores[0], scores[1], scores[classes], scores[classes + 1]};
  }

  @Test
  void aClassCostsOneMeanMap() {
    try (ContinualLearner learner = learner("")) {
      TinyStream.learn(learner, 0);
      TinyStream.learn(learner, 1);
      long before = learner.bytes();
      TinyStream.learn(learner, 2);
      long map = (long) TestNetworks.TOKENS * TestNetworks.WIDTH * Double.BYTES;
      assertEquals(2 * map, learner.bytes() - before);
    }
  }

  @Test
  void earlierClassesAreRememberedByTheirMeanMaps() {
    double[] kept = new double[2];
    for (int ratio = 0; ratio < 2; ratio++) {
      try (ContinualLearner learner = learner(", memory-ratio = " + ratio)) {
        TinyStream.learn(learner, 0);
        TinyStream.learn(learner, 1);
        kept[ratio] = TinyStream.accuracy(learner, 0);
      }
    }
    assertTrue(kept[1] > kept[0] + 0.2, Arrays.toString(kept));
  }

  /** Samples stand for a class better than its mean does, and cost what they take. */
  @Test
  void keptSamplesHoldEarlierClassesToo() {
    double[] accuracy = new double[2];
    long[] bytes = new long[2];
    for (int kept = 0; kept < 2; kept++) {
      try (ContinualLearner learner = learner(", exemplars = " + 16 * kept)) {
        TinyStream.learn(learner, 0);
        TinyStream.learn(learner, 1);
        accuracy[kept] = TinyStream.accuracy(learner, 0);
        bytes[kept] = learner.bytes();
      }
    }
    assertTrue(accuracy[1] >= accuracy[0], Arrays.toString(accuracy));
    long sample = 40 + (long) TestNetworks.TOKENS * TestNetworks.WIDTH * Float.BYTES;
    assertEquals(16 * sample, bytes[1] - bytes[0]);
  }

  /** The first branch's answers do not change when the second begins, whatever its length. */
  @Test
  void theBasesAnswersHangFromDirectionsAlone() {
    try (ContinualLearner learner = learner(", unit-base = true");
        ContinualLearner other = learner(", unit-base = false")) {
      TinyStream.learn(learner, 0);
      TinyStream.learn(other, 0);
      assertArrayEquals(scores(learner), scores(other), 1e-6);
      TinyStream.learn(learner, 1);
      TinyStream.learn(other, 1);
      assertFalse(Arrays.equals(scores(learner), scores(other)));
    }
  }

  @Test
  void classesWithoutADirectionAreRefused() {
    try (ContinualLearner learner = learner("")) {
      State before = State.of(learner);
      AcclimateException refused =
          assertThrows(
              AcclimateException.class, () -> learner.beginTask(TaskOutline.ofRange(0, 9, 1)));
      assertTrue(refused.getMessage().contains("at most 8 classes"), refused.getMessage());
      assertEquals(before, State.of(learner));
    }
  }

  @Test
  void moreRowsThanABatchHasAreRefused() {
    try (ContinualLearner learner = learner("")) {
      learner.beginTask(TinyStream.outline(0, 1));
      float[] sample = TinyStream.sample(0, SeedTree.of(1).generator());
      LabelledBatch three =
          new LabelledBatch(TinyStream.inputs(List.of(sample, sample, sample)), new int[3]);
      AcclimateException refused =
          assertThrows(AcclimateException.class, () -> learner.learn(three));
      assertTrue(refused.getMessage().contains("at most 2 rows"), refused.getMessage());
    }
  }

  @Test
  void settingsAreChecked() {
    for (String mistake : List.of("size = 4, max-classes = 5", "base.epochs = 0", "gird = 2")) {
      assertThrows(
          AcclimateException.class,
          () -> LearnerProvider.read("mamba-fscil", ConfigFactory.parseString(mistake)));
    }
    AcclimateException refused =
        assertThrows(AcclimateException.class, () -> learner(", grid-rows = 3").close());
    assertTrue(refused.getMessage().contains("divisor of the model's 5 tokens"), "" + refused);
  }

  @Test
  void mixedStepsHalveMapsAndWeights() {
    MapBatch batch = MapBatch.of(new double[][] {{0, 4}, {2, 8}}, new int[] {0, 1});
    MapBatch mixed = batch.mixed(SeedTree.of(1).generator());
    for (int row = 0; row < 2; row++) {
      double[] own = batch.maps()[row];
      double[] other = batch.maps()[mixed.partners()[row]];
      assertArrayEquals(
          new double[] {(own[0] + other[0]) / 2, (own[1] + other[1]) / 2}, mixed.maps()[row]);
    }
  }

  /** A backbone with pooled features has its map under the name tokens; masked tokens are 0. */
  @Test
  void tokensAreFoundAndMasked() {
    GraphBuilder graph = new GraphBuilder("masked");
    graph.input("x", ValueType.of(DType.FLOAT32, 1, 4, 2));
    graph.input("mask", ValueType.of(DType.INT64, 1, 4));
    graph.output("tokens", graph.ops().mul("x", 1));
    graph.output("features", graph.ops().reduceMean("x", false, 1));
    Backbone backbone =
        new Backbone(
            graph.build(), "features", Pooling.MEAN, "mask", TinyStream.backbone().options());
    Map<String, Tensor> inputs =
        Map.of(
            "x", Tensor.ofFloats(new float[] {1, 2, 3, 4, 5, 6, 7, 8}, 1, 4, 2),
            "mask", Tensor.ofLongs(new long[] {1, 1, 0, 0}, 1, 4));
    try (FrozenOutput tokens =
        new FrozenOutput(backbone, backbone.tokenGraph(""), Backbone.TOKEN_MAP)) {
      assertArrayEquals(new double[] {2, 4, 6, 8, 0, 0, 0, 0}, tokens.of(inputs)[0], 1e-6);
    }
    AcclimateException refused =
        assertThrows(AcclimateException.class, () -> backbone.tokenGraph("features"));
    assertTrue(refused.getMessage().contains("[batch, tokens, width]"), refused.getMessage());
  }

  @Test
  void theLearnerIsFoundByName() {
    assertTrue(
        LearnerProvider.read("mamba-fscil", ConfigFactory.empty())
                .create(new LearnerContext(TinyStream.backbone(), SeedTree.of(1)))
            instanceof MambaFscil);
  }
}

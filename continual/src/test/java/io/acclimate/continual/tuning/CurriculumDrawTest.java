package io.acclimate.continual.tuning;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.acclimate.continual.ContinualLearner;
import io.acclimate.continual.LabelledBatch;
import io.acclimate.continual.LearnResult;
import io.acclimate.continual.SampleMasks;
import io.acclimate.continual.TinyStream;
import io.acclimate.replay.memory.Curriculum;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.state.State;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** RDTF: what is hidden or does not count teaches nothing, and easy samples come first. */
class CurriculumDrawTest {
  private static final int ROWS = 40;

  private static LabelledBatch batch(SampleMasks masks) {
    return new LabelledBatch(
        Map.of("x", Tensor.allocate(DType.FLOAT32, ROWS, 2)), new int[ROWS], masks);
  }

  @Test
  void drawsGetHarderOverATask() {
    CurriculumDraw draw = new CurriculumDraw(0.25, new Curriculum(0.05));
    var random = SeedTree.of(3).generator();
    double[] losses = random.doubles(ROWS).toArray();
    double[] means = new double[20];
    for (int step = 0; step < means.length; step++) {
      double progress = step / (means.length - 1.0);
      for (int repeat = 0; repeat < 50; repeat++) {
        double[] weights = draw.weights(batch(SampleMasks.NONE), losses, progress, random);
        assertEquals(10, Arrays.stream(weights).sum());
        for (int row = 0; row < ROWS; row++) {
          means[step] += weights[row] * losses[row] / 10 / 50;
        }
      }
    }
    assertTrue(rankCorrelation(means) > 0.9, Arrays.toString(means));
  }

  /** Spearman's rank correlation with the order of the places. */
  private static double rankCorrelation(double[] values) {
    double squares = 0;
    for (int i = 0; i < values.length; i++) {
      double value = values[i];
      long rank = Arrays.stream(values).filter(other -> other < value).count();
      squares += (rank - i) * (rank - i);
    }
    double n = values.length;
    return 1 - 6 * squares / (n * (n * n - 1));
  }

  @Test
  void rowsThatDoNotCountAreNotDrawnAndHiddenOnesComeLater() {
    double[] loss = new double[ROWS];
    boolean[] shown = new boolean[2 * ROWS];
    Arrays.fill(shown, true);
    for (int row = 0; row < ROWS; row++) {
      loss[row] = row < 20 ? 0.5 : 0;
      shown[2 * row] = row < 10;
    }
    CurriculumDraw draw = new CurriculumDraw(0.5, new Curriculum(1e-3));
    double[] weights =
        draw.weights(
            batch(new SampleMasks(loss, Map.of("x", shown))),
            new double[ROWS],
            0,
            SeedTree.of(1).generator());
    double[] expected = new double[ROWS];
    Arrays.fill(expected, 0, 10, 0.5);
    assertArrayEquals(expected, weights);
  }

  private static ContinualLearner learner(String more) {
    ContinualLearner learner =
        TinyStream.learner("naive", TinyStream.settings("naive") + ", " + more);
    learner.beginTask(TinyStream.outline(0, 8));
    return learner;
  }

  private static String learned(String more, SampleMasks masks, Tensor x) {
    try (ContinualLearner learner = learner(more)) {
      LearnResult result =
          learner.learn(new LabelledBatch(Map.of("x", x), new int[] {0, 1}, masks));
      assertTrue(result.applied(), result.refusal());
      return State.of(learner).sha256();
    }
  }

  @Test
  void whatIsMaskedTeachesExactlyNothing() {
    Tensor x = TinyStream.batches(0, 1).get(0).inputs().get("x");
    int half = Math.toIntExact(x.elements() / 2);
    Tensor other = x.copy();
    for (int i = half; i < 2 * half; i++) {
      other.floats().put(i, 3 - x.floats().get(i));
    }
    SampleMasks second = new SampleMasks(new double[] {1, 0}, Map.of());
    assertEquals(learned("", second, x), learned("", second, other));
    boolean[] shown = new boolean[2 * half];
    Arrays.fill(shown, 0, half, true);
    SampleMasks hidden = new SampleMasks(new double[0], Map.of("x", shown));
    assertEquals(learned("", hidden, x), learned("", hidden, other));
    assertFalse(learned("", SampleMasks.NONE, x).equals(learned("", SampleMasks.NONE, other)));
  }

  @Test
  void aBatchOfWhichNothingCountsIsRefused() {
    LabelledBatch good = TinyStream.batches(0, 1).get(0);
    SampleMasks none = new SampleMasks(new double[2], Map.of());
    for (String more : List.of("", "curriculum-share = 0.5")) {
      try (ContinualLearner learner = learner(more)) {
        String before = State.of(learner).sha256();
        LearnResult result = learner.learn(new LabelledBatch(good.inputs(), good.labels(), none));
        assertEquals("batch refused: no row counts", result.refusal());
        assertEquals(before, State.of(learner).sha256());
      }
    }
  }

  @Test
  void theCurriculumLearnsOneRowOfTwo() {
    LabelledBatch good = TinyStream.batches(0, 1).get(0);
    String drawn = learned("curriculum-share = 0.5", SampleMasks.NONE, good.inputs().get("x"));
    List<String> either =
        List.of(
            learned("", new SampleMasks(new double[] {1, 0}, Map.of()), good.inputs().get("x")),
            learned("", new SampleMasks(new double[] {0, 1}, Map.of()), good.inputs().get("x")));
    assertTrue(either.contains(drawn));
    try (ContinualLearner learner =
        TinyStream.learner("naive", TinyStream.settings("naive") + ", curriculum-share = 0.5")) {
      TinyStream.learn(learner, 0);
      assertTrue(TinyStream.accuracy(learner, 0) > 0.7);
    }
  }

  /** Three labels in ten are wrong; leaving them out of the loss gives their cost back. */
  @Test
  void aLossMaskUndoesWrongLabels() {
    double[] accuracy = new double[2];
    for (int masked = 0; masked < 2; masked++) {
      try (ContinualLearner learner = learner("")) {
        for (int epoch = 0; epoch < learner.epochs(); epoch++) {
          int place = 0;
          for (LabelledBatch batch : TinyStream.batches(0, 1)) {
            double[] counts = {1, 1};
            int[] labels = batch.labels().clone();
            for (int row = 0; row < 2; row++) {
              if (place++ % 10 < 5 && row == 1) {
                labels[row] = 1 - labels[row];
                counts[row] = 1 - masked;
              }
            }
            learner.learn(
                new LabelledBatch(batch.inputs(), labels, new SampleMasks(counts, Map.of())));
          }
        }
        accuracy[masked] = TinyStream.accuracy(learner, 0);
      }
    }
    assertTrue(accuracy[1] >= accuracy[0] + 0.03, Arrays.toString(accuracy));
  }

  @Test
  void masksThatDoNotFitAreRefused() {
    Tensor x = TinyStream.batches(0, 1).get(0).inputs().get("x");
    for (SampleMasks masks :
        List.of(
            new SampleMasks(new double[3], Map.of()),
            new SampleMasks(new double[] {1, Double.NaN}, Map.of()),
            new SampleMasks(new double[0], Map.of("y", new boolean[3])),
            new SampleMasks(new double[0], Map.of("x", new boolean[3])))) {
      AcclimateException refused =
          assertThrows(
              AcclimateException.class,
              () -> new LabelledBatch(Map.of("x", x), new int[] {0, 1}, masks));
      assertTrue(refused.getMessage().contains(" mask"), refused.getMessage());
    }
    assertThrows(AcclimateException.class, () -> new Curriculum(0));
  }
}

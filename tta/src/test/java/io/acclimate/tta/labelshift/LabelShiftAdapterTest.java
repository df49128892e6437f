package io.acclimate.tta.labelshift;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.LinearHead;
import io.acclimate.runtime.Rows;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.state.State;
import io.acclimate.tta.AdaptationFactory;
import io.acclimate.tta.MethodContext;
import io.acclimate.tta.OutputBatch;
import io.acclimate.tta.SourceLabelShift;
import io.acclimate.tta.testkit.Batches;
import io.acclimate.tta.testkit.CorrectorContract;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.rng.UniformRandomProvider;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Overlapping classes in the plane with a head that is exact under even shares: what a label shift
 * should do to the answers is known.
 */
class LabelShiftAdapterTest {
  private static final int CLASSES = 3;
  private static final double[] EVEN = {1.0 / 3, 1.0 / 3, 1.0 / 3};
  private static final double[][] CENTRES = {{1, 0}, {-0.5, 0.87}, {-0.5, -0.87}};

  /** Unit-variance Gaussians: the logits under even shares are centre x - |centre|^2 / 2. */
  private static final LinearHead HEAD = head();

  private static LinearHead head() {
    float[] weights = new float[CLASSES * 2];
    float[] bias = new float[CLASSES];
    for (int c = 0; c < CLASSES; c++) {
      for (int f = 0; f < 2; f++) {
        weights[2 * c + f] = (float) CENTRES[c][f];
        bias[c] -= (float) (CENTRES[c][f] * CENTRES[c][f] / 2);
      }
    }
    return new LinearHead(CLASSES, 2, weights, bias);
  }

  private static OutputBatch samples(int n, double[] shares, long seed) {
    UniformRandomProvider random = SeedTree.of(seed).generator();
    double[] features = new double[2 * n];
    double[] p = new double[CLASSES * n];
    int[] labels = new int[n];
    for (int i = 0; i < n; i++) {
      double draw = random.nextDouble();
      labels[i] = draw < shares[0] ? 0 : draw < shares[0] + shares[1] ? 1 : 2;
      for (int f = 0; f < 2; f++) {
        features[2 * i + f] = CENTRES[labels[i]][f] + gaussian(random);
      }
      for (int c = 0; c < CLASSES; c++) {
        p[CLASSES * i + c] =
            HEAD.bias()[c]
                + HEAD.weights()[2 * c] * features[2 * i]
                + HEAD.weights()[2 * c + 1] * features[2 * i + 1];
      }
    }
    Rows.softmax(p, n, CLASSES);
    return new OutputBatch(n, CLASSES, 2, p, features, labels);
  }

  private static double gaussian(UniformRandomProvider random) {
    double sum = -6;
    for (int i = 0; i < 12; i++) {
      sum += random.nextDouble();
    }
    return sum;
  }

  private static double accuracy(OutputBatch batch, double[] answer) {
    int[] found = Rows.argmax(answer, batch.size(), CLASSES);
    int right = 0;
    for (int i = 0; i < batch.size(); i++) {
      right += found[i] == batch.labels()[i] ? 1 : 0;
    }
    return right / (double) batch.size();
  }

  private static LabelShiftPlan plan(LabelCondition.Kind kind, int steps) {
    return new LabelShiftPlan(kind, 30, 16, 2, 1, steps, 128, 5e-3, 3);
  }

  private static SourceLabelShift learn(LabelShiftPlan plan) {
    OutputBatch source = samples(4096, EVEN, 1);
    try (LabelShiftTrainer trainer = new LabelShiftTrainer(HEAD, EVEN, plan)) {
      float[] rows = new float[2 * plan.batchSize()];
      int[] labels = new int[plan.batchSize()];
      for (int step = 0; step < plan.steps(); step++) {
        for (int i = 0; i < labels.length; i++) {
          int place = (step * labels.length + i) % source.size();
          labels[i] = source.labels()[place];
          rows[2 * i] = (float) source.features()[2 * place];
          rows[2 * i + 1] = (float) source.features()[2 * place + 1];
        }
        trainer.step(rows, labels);
      }
      return trainer.result();
    }
  }

  private static LabelShiftAdapter adapter(SourceLabelShift learned) {
    return new LabelShiftAdapter(
        learned, HEAD, EVEN, LabelShiftAdapter.Start.SOURCE, 300, Optional.empty());
  }

  /** Learned long enough it comes near the exact correction z + log(target / source). */
  @ParameterizedTest
  @EnumSource(LabelCondition.Kind.class)
  void learnsWhatALabelShiftDoes(LabelCondition.Kind kind) {
    LabelShiftAdapter adapter = adapter(learn(plan(kind, 1500)));
    double[] tail = {0.8, 0.16, 0.04};
    for (double[] shares : new double[][] {tail, LabelCondition.reversed(tail)}) {
      adapter.reset();
      for (int k = 0; k < 30; k++) {
        adapter.adapt(samples(64, shares, 100 + k));
      }
      assertArrayEquals(shares, adapter.prior(), 0.1);
      OutputBatch batch = samples(4000, shares, 2);
      double[] answer = new double[batch.size() * CLASSES];
      double[] exact = new double[answer.length];
      adapter.predict(batch, answer);
      ClassPriors.correct(batch, EVEN, shares, exact);
      assertTrue(
          accuracy(batch, answer) > accuracy(batch, batch.probabilities()) + 0.05,
          "gains over the frozen head");
      assertEquals(accuracy(batch, exact), accuracy(batch, answer), 0.015);
    }
  }

  /** The estimate by expectation maximisation is that of label-shift-em. */
  @Test
  void takesTheEstimateOfExpectationMaximisation() {
    LabelShiftEmSettings settings = LabelShiftEmSettings.defaults();
    LabelShiftAdapter adapter =
        new LabelShiftAdapter(
            learn(plan(LabelCondition.Kind.SHARES, 2)),
            HEAD,
            EVEN,
            LabelShiftAdapter.Start.UNIFORM,
            300,
            Optional.of(settings));
    LabelShiftEm em = new LabelShiftEm(EVEN, settings);
    OutputBatch batch = samples(200, new double[] {0.7, 0.2, 0.1}, 6);
    adapter.adapt(batch);
    em.adapt(batch);
    assertArrayEquals(em.prior(), adapter.prior(), 0.0);
  }

  @Test
  void notLearnedItIsTheFrozenModel() {
    LabelShiftAdapter adapter = adapter(learn(plan(LabelCondition.Kind.SHARES, 0)));
    OutputBatch batch = samples(50, EVEN, 4);
    double[] answer = new double[batch.size() * CLASSES];
    adapter.adapt(samples(64, new double[] {0.9, 0.05, 0.05}, 5));
    adapter.predict(batch, answer);
    assertArrayEquals(batch.probabilities(), answer, 1e-12);
  }

  /**
   * Hand-made tensors: the difference to the frozen logits is (W + UV)(g h + s) + b + t - W h - b.
   */
  @Test
  void changesTheHeadAsTheEquationsSay() {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    float[] generated = {
      0.5f,
      -0.25f,
      0.1f,
      0.2f, // scale - 1, shift
      1,
      2,
      3, // sides [classes, 1]
      0.01f,
      0.02f,
      0.03f // biases
    };
    float[] slope = new float[10];
    slope[0] = 1;
    tensors.put(SourceLabelShift.HIDDEN_WEIGHTS, Tensor.ofFloats(new float[] {2}, 1, 1));
    tensors.put(SourceLabelShift.HIDDEN_BIAS, Tensor.ofFloats(new float[] {-0.5f}, 1));
    tensors.put(SourceLabelShift.OUTPUT_WEIGHTS, Tensor.ofFloats(slope, 1, 10));
    tensors.put(SourceLabelShift.OUTPUT_BIAS, Tensor.ofFloats(generated, 10));
    tensors.put(SourceLabelShift.DIRECTIONS, Tensor.ofFloats(new float[] {0.3f, -0.4f}, 1, 2));
    double[] axis = {0.7, 0.2, 0.1};
    LabelCondition degree = new LabelCondition(LabelCondition.Kind.IMBALANCE_DEGREE, axis);
    HeadGenerator generator = new HeadGenerator(new SourceLabelShift(degree, tensors), HEAD);
    generator.generate(axis);
    double[] h = {0.6, -1.2};
    double[] found = new double[CLASSES];
    generator.difference(h, 0, found);
    double active = 2 * 1 - 0.5; // the degree of the axis is 1
    double[] x = {(1.5 + active) * h[0] + 0.1, 0.75 * h[1] + 0.2};
    for (int c = 0; c < CLASSES; c++) {
      double expected = 0.01 * (c + 1);
      for (int f = 0; f < 2; f++) {
        double direction = f == 0 ? 0.3 : -0.4;
        expected += (HEAD.weights()[2 * c + f] + (c + 1) * direction) * x[f];
        expected -= HEAD.weights()[2 * c + f] * h[f];
      }
      assertEquals(expected, found[c], 1e-6);
    }
  }

  @Test
  void degreeIsOneZeroAndMinusOne() {
    double[] axis = {0.6, 0.3, 0.1};
    LabelCondition degree = new LabelCondition(LabelCondition.Kind.IMBALANCE_DEGREE, axis);
    double[][] priors = {axis, EVEN, {0.1, 0.3, 0.6}};
    for (int k = 0; k < 3; k++) {
      double[] told = new double[1];
      degree.write(priors[k], told);
      assertEquals(1 - k, told[0], 1e-12);
    }
    double[] shares = new double[3];
    new LabelCondition(LabelCondition.Kind.SHARES, EVEN).write(axis, shares);
    assertArrayEquals(
        Arrays.stream(axis).map(share -> Math.log(3 * share)).toArray(), shares, 1e-12);
    assertThrows(
        AcclimateException.class,
        () -> new LabelCondition(LabelCondition.Kind.IMBALANCE_DEGREE, EVEN));
  }

  /** A source with a long tail gives the axis; an even one takes the order of the classes. */
  @Test
  void axisIsTheSourceWhereItHasOne() {
    LabelShiftPlan plan = plan(LabelCondition.Kind.IMBALANCE_DEGREE, 0);
    double[] tailed = {0.2, 0.7, 0.1};
    assertArrayEquals(tailed, plan.axis(tailed), 0.0);
    double[] axis = plan.axis(EVEN);
    assertEquals(30, axis[0] / axis[2], 1e-9);
    assertEquals(1, Arrays.stream(axis).sum(), 1e-12);
  }

  @Test
  void savedAndLoadedItIsTheSame() {
    SourceLabelShift learned = learn(plan(LabelCondition.Kind.SHARES, 5));
    SourceLabelShift loaded = new SourceLabelShift(CLASSES, 2);
    State.fromBytes(State.of(learned).toBytes()).restore(loaded);
    assertEquals(State.of(learned), State.of(loaded));
    assertEquals(CLASSES, loaded.classes());
    assertEquals(2, loaded.featureSize());
  }

  @Test
  void badPlansAndFilesAreRefused() {
    assertThrows(
        AcclimateException.class,
        () -> new LabelShiftPlan(LabelCondition.Kind.SHARES, 1, 8, 1, 1, 1, 1, 1, 1));
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put(SourceLabelShift.HIDDEN_WEIGHTS, Tensor.allocate(DType.FLOAT32, 3, 4));
    tensors.put(SourceLabelShift.HIDDEN_BIAS, Tensor.allocate(DType.FLOAT32, 5));
    tensors.put(SourceLabelShift.OUTPUT_WEIGHTS, Tensor.allocate(DType.FLOAT32, 4, 10));
    tensors.put(SourceLabelShift.OUTPUT_BIAS, Tensor.allocate(DType.FLOAT32, 10));
    tensors.put(SourceLabelShift.DIRECTIONS, Tensor.allocate(DType.FLOAT32, 1, 2));
    LabelCondition shares = new LabelCondition(LabelCondition.Kind.SHARES, EVEN);
    AcclimateException refused =
        assertThrows(AcclimateException.class, () -> new SourceLabelShift(shares, tensors));
    assertTrue(refused.getMessage().contains("layers that follow each other"));
    MethodContext without =
        new MethodContext(CLASSES, 2, Optional.of(HEAD), Optional.empty(), SeedTree.of(1));
    AdaptationFactory factory = AdaptationFactory.of("label-shift-adapter", ConfigFactory.empty());
    refused = assertThrows(AcclimateException.class, () -> factory.create(without));
    assertTrue(refused.getMessage().contains("source-label-shift"), refused.getMessage());
  }

  /** The contract, alone and on top of another method. */
  abstract static class AdapterContract extends CorrectorContract {
    @Override
    protected String method() {
      return "label-shift-adapter";
    }

    @Override
    protected MethodContext context() {
      MethodContext plain = super.context();
      LabelShiftPlan plan =
          new LabelShiftPlan(LabelCondition.Kind.SHARES, 10, 4, 2, 1, 10, 16, 1e-2, 1);
      double[] even = new double[CLASSES];
      Arrays.fill(even, 1.0 / CLASSES);
      SourceLabelShift learned;
      try (LabelShiftTrainer trainer =
          new LabelShiftTrainer(plain.head().orElseThrow(), even, plan)) {
        for (OutputBatch batch :
            Batches.stream(60, CLASSES, FEATURES, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16)) {
          trainer.step(batch.input().toFloatArray(), batch.labels());
        }
        learned = trainer.result();
      }
      return new MethodContext(
          CLASSES,
          FEATURES,
          plain.head(),
          plain.source(),
          plain.seeds(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.of(learned),
          Optional.empty());
    }
  }

  @Nested
  class Alone extends AdapterContract {}

  @Nested
  class WithEm extends AdapterContract {
    @Override
    protected Config settings() {
      return ConfigFactory.parseString("estimate = em, em.window-samples = 40");
    }
  }

  @Nested
  class OnLame extends AdapterContract {
    @Override
    protected Config settings() {
      return ConfigFactory.parseString("start = uniform, of { method = lame, settings.knn = 3 }");
    }
  }
}

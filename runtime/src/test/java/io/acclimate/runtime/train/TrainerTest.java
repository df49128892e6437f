package io.acclimate.runtime.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.Device;
import io.acclimate.runtime.ModelOptions;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.graph.GraphBuilder;
import io.acclimate.runtime.graph.Ops;
import io.acclimate.runtime.graph.ValueType;
import io.acclimate.runtime.state.State;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Fits y = x w + b, whose gradients are known in closed form. */
class TrainerTest {
  private static final int BATCH = 8;
  private static final Set<String> NAMES = Set.of("w", "b");

  private final Tensor x = Tensor.allocate(DType.FLOAT64, BATCH, 3);
  private final Tensor y = Tensor.allocate(DType.FLOAT64, BATCH, 1);
  private final Map<String, Tensor> data = Map.of("x", x, "y", y);

  private static TrainableModel model() {
    GraphBuilder graph = new GraphBuilder("regression");
    Ops ops = graph.ops();
    graph.input("x", ValueType.of(DType.FLOAT64, BATCH, 3));
    graph.input("y", ValueType.of(DType.FLOAT64, BATCH, 1));
    graph.input("w", ValueType.of(DType.FLOAT64, 3, 1));
    graph.input("b", ValueType.of(DType.FLOAT64, 1));
    String predicted = ops.add(ops.matMul("x", "w"), "b");
    graph.output("predicted", predicted);
    graph.output("loss", Losses.meanSquaredError(ops, predicted, "y"));
    return TrainableModel.of(graph.build(), "loss")
        .parameters(List.of("w", "b"))
        .results("predicted")
        .options(new ModelOptions(Device.CPU, 1))
        .build();
  }

  private void fill(long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < BATCH; i++) {
      double sum = 0.5;
      for (int c = 0; c < 3; c++) {
        double value = random.nextGaussian();
        x.doubles().put(i * 3 + c, value);
        sum += (c - 1.5) * value;
      }
      y.doubles().put(i, sum);
    }
  }

  private static ParameterGroups groups() {
    return ParameterGroups.of(NAMES, ParameterGroups.Group.DEFAULT);
  }

  @Test
  void learnsTheLine() {
    try (TrainableModel model = model()) {
      ParameterSet parameters = model.newParameters();
      Trainer trainer =
          new Trainer(model, parameters, Adam.adam(groups()), Trainer.Plan.constant(0.1));
      for (int step = 0; step < 400; step++) {
        fill(step);
        trainer.step(data);
      }
      assertArrayEquals(
          new double[] {-1.5, -0.5, 0.5}, parameters.tensor("w").toDoubleArray(), 1e-4);
      assertArrayEquals(new double[] {0.5}, parameters.tensor("b").toDoubleArray(), 1e-4);
      assertEquals(400, trainer.steps());
    }
  }

  @Test
  void anUndefinedLossChangesNothing() {
    try (TrainableModel model = model()) {
      ParameterSet parameters = model.newParameters();
      Trainer trainer =
          new Trainer(model, parameters, Adam.adam(groups()), Trainer.Plan.constant(0.1));
      fill(1);
      trainer.step(data);
      State before = State.of(parameters);
      x.doubles().put(0, Double.NaN);
      Trainer.StepReport report = trainer.step(data);
      assertFalse(report.applied());
      assertEquals("step refused: loss NaN", report.refusal());
      assertEquals(before, State.of(parameters));
      assertEquals(1, trainer.refused());
    }
  }

  @Test
  void savedAndLoadedItGoesOnBitForBit() {
    try (TrainableModel model = model()) {
      ParameterSet straight = model.newParameters();
      Trainer one = newTrainer(model, straight);
      for (int step = 0; step < 7; step++) {
        fill(step);
        one.step(data);
      }
      State saved = State.fromBytes(State.of(one).toBytes());
      ParameterSet resumed = model.newParameters();
      Trainer two = newTrainer(model, resumed);
      saved.restore(two);
      for (int step = 7; step < 15; step++) {
        fill(step);
        one.step(data);
        two.step(data);
      }
      assertTrue(straight.contentEquals(resumed));
      assertEquals(State.of(one), State.of(two));
    }
  }

  private static Trainer newTrainer(TrainableModel model, ParameterSet parameters) {
    Trainer.Plan plan = new Trainer.Plan(0.05, Schedule.COSINE, 20, 1.0, 2);
    return new Trainer(model, parameters, new Sgd(groups(), 0.9, true), plan);
  }

  @Test
  void gradientsOfSeveralBatchesAreAveraged() {
    try (TrainableModel model = model()) {
      fill(5);
      ParameterSet once = model.newParameters();
      new Trainer(model, once, new Sgd(groups(), 0, false), Trainer.Plan.constant(0.1)).step(data);
      ParameterSet twice = model.newParameters();
      Trainer.Plan plan = new Trainer.Plan(0.1, Schedule.CONSTANT, 1, Double.POSITIVE_INFINITY, 2);
      Trainer trainer = new Trainer(model, twice, new Sgd(groups(), 0, false), plan);
      assertFalse(trainer.step(data).applied());
      assertTrue(trainer.step(data).applied());
      assertArrayEquals(once.tensor("w").toDoubleArray(), twice.tensor("w").toDoubleArray(), 1e-15);
    }
  }

  @Test
  void frozenParametersStayAndStartFreshWhenFreed() {
    try (TrainableModel model = model()) {
      ParameterSet parameters = model.newParameters();
      ParameterGroups groups = groups().trainable(name -> name.equals("w"), false);
      Trainer trainer =
          new Trainer(model, parameters, Adam.adam(groups), Trainer.Plan.constant(0.1));
      fill(1);
      trainer.step(data);
      trainer.step(data);
      assertArrayEquals(new double[3], parameters.tensor("w").toDoubleArray());
      assertFalse(parameters.tensor("b").toDoubleArray()[0] == 0);
      groups.trainable(name -> name.equals("w"), true);
      trainer.step(data);
      // the first step of Adam has the length of the rate in each coordinate
      for (double value : parameters.tensor("w").toDoubleArray()) {
        assertEquals(0.1, Math.abs(value), 1e-6);
      }
    }
  }

  @Test
  void longGradientsAreShortened() {
    try (TrainableModel model = model()) {
      ParameterSet parameters = model.newParameters();
      Trainer.Plan plan = new Trainer.Plan(1, Schedule.CONSTANT, 1, 0.01, 1);
      Trainer trainer = new Trainer(model, parameters, new Sgd(groups(), 0, false), plan);
      fill(2);
      Trainer.StepReport report = trainer.step(data);
      assertTrue(report.gradientNorm() > 0.01);
      assertEquals(0.01, parameters.norm(), 1e-12);
    }
  }

  @Test
  void adamWAgreesWithItsFormula() {
    ParameterSet parameters = new ParameterSet(Map.of("w", ValueType.of(DType.FLOAT64, 1)));
    ParameterSet slope = parameters.copy();
    parameters.set(0, 2);
    ParameterGroups.Group decayed = new ParameterGroups.Group(1, 0.1, true);
    Adam adam = Adam.adamW(ParameterGroups.of(Set.of("w"), decayed));
    double w = 2;
    double mean = 0;
    double square = 0;
    for (int t = 1; t <= 5; t++) {
      double g = Math.sin(t);
      slope.set(0, g);
      adam.step(parameters, slope, 0.01);
      mean = 0.9 * mean + 0.1 * g;
      square = 0.999 * square + 0.001 * g * g;
      double unbiased = mean / (1 - Math.pow(0.9, t));
      double root = Math.sqrt(square / (1 - Math.pow(0.999, t)));
      w = w - 0.01 * 0.1 * w - 0.01 * unbiased / (root + 1e-8);
      assertEquals(w, parameters.get(0), 1e-14);
    }
  }

  @Test
  void inputsThatDoNotFitAreRefused() {
    try (TrainableModel model = model()) {
      ParameterSet parameters = model.newParameters();
      Map<String, Tensor> wrong = Map.of("x", Tensor.allocate(DType.FLOAT64, 2, 3), "y", y);
      AcclimateException e =
          assertThrows(AcclimateException.class, () -> model.backward(parameters, wrong));
      assertTrue(e.getMessage().contains("expected FLOAT64[8, 3], found FLOAT64[2, 3]"));
      assertThrows(AcclimateException.class, () -> model.backward(parameters, Map.of("x", x)));
    }
  }
}

package io.acclimate.tta.labelshift;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.Device;
import io.acclimate.runtime.LinearHead;
import io.acclimate.runtime.ModelOptions;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.graph.Constant;
import io.acclimate.runtime.graph.GraphBuilder;
import io.acclimate.runtime.graph.ModelGraph;
import io.acclimate.runtime.graph.Ops;
import io.acclimate.runtime.graph.ValueType;
import io.acclimate.runtime.train.Adam;
import io.acclimate.runtime.train.Init;
import io.acclimate.runtime.train.Losses;
import io.acclimate.runtime.train.ParameterGroups;
import io.acclimate.runtime.train.ParameterSet;
import io.acclimate.runtime.train.Schedule;
import io.acclimate.runtime.train.TrainableModel;
import io.acclimate.runtime.train.Trainer;
import io.acclimate.tta.SourceLabelShift;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Learns a {@link SourceLabelShift} on labelled features of the source, with the model frozen.
 *
 * <p>Each step draws a label distribution t, tells the adapter of it, and lowers the generalised
 * logit-adjusted loss: the cross-entropy of z + temperature log(s / t) with the true label, where z
 * are the changed head's logits and s is the source's label distribution. If z is right for labels
 * that follow t, then z + log(s / t) is right for the source's. Not thread-safe.
 */
public final class LabelShiftTrainer implements AutoCloseable {
  private static final String FEATURES = "features";
  private static final String CONDITION = "condition";
  private static final String ADJUSTMENT = "adjustment";
  private static final String LABELS = "labels";

  private final LabelShiftPlan plan;
  private final LabelCondition condition;
  private final double[] source;
  private final SeedTree seeds;
  private final TrainableModel model;
  private final Trainer trainer;
  private final Map<String, Tensor> data = new LinkedHashMap<>();

  /**
   * Starts at an adapter that changes nothing.
   *
   * @param source the source's label distribution, {@code [classes]}, no share 0
   */
  public LabelShiftTrainer(LinearHead head, double[] source, LabelShiftPlan plan) {
    this.plan = plan;
    this.source = source.clone();
    this.condition = new LabelCondition(plan.condition(), plan.axis(source));
    this.seeds = SeedTree.of(plan.seed()).child("label-shift");
    Map<String, ValueType> types = types(head);
    ModelGraph graph = graph(head, types);
    this.model =
        TrainableModel.of(graph, "loss")
            .parameters(types.keySet())
            .options(new ModelOptions(Device.CPU, 0))
            .build();
    graph.inputs().stream()
        .filter(name -> !types.containsKey(name))
        .forEach(name -> data.put(name, graph.type(name).allocate()));
    this.trainer =
        new Trainer(
            model,
            start(head.featureSize()),
            Adam.adam(ParameterGroups.of(types.keySet(), ParameterGroups.Group.DEFAULT)),
            new Trainer.Plan(
                plan.rate(),
                Schedule.COSINE,
                Math.max(1, plan.steps()),
                Double.POSITIVE_INFINITY,
                1));
  }

  private Map<String, ValueType> types(LinearHead head) {
    int hidden = plan.hidden();
    int generated = 2 * head.featureSize() + head.classes() * (plan.rank() + 1);
    Map<String, ValueType> types = new LinkedHashMap<>();
    types.put(SourceLabelShift.HIDDEN_WEIGHTS, type(condition.size(), hidden));
    types.put(SourceLabelShift.HIDDEN_BIAS, type(hidden));
    types.put(SourceLabelShift.OUTPUT_WEIGHTS, type(hidden, generated));
    types.put(SourceLabelShift.OUTPUT_BIAS, type(generated));
    types.put(SourceLabelShift.DIRECTIONS, type(plan.rank(), head.featureSize()));
    return types;
  }

  private static ValueType type(long... shape) {
    return ValueType.of(DType.FLOAT32, shape);
  }

  private ParameterSet start(int featureSize) {
    ParameterSet start = model.newParameters();
    Init first = Init.kaimingUniform(condition.size());
    first.fill(start.tensor(SourceLabelShift.HIDDEN_WEIGHTS), seeds.child("weights"));
    first.fill(start.tensor(SourceLabelShift.HIDDEN_BIAS), seeds.child("bias"));
    Init.kaimingUniform(featureSize)
        .fill(start.tensor(SourceLabelShift.DIRECTIONS), seeds.child("directions"));
    return start;
  }

  private ModelGraph graph(LinearHead head, Map<String, ValueType> types) {
    int size = head.featureSize();
    int classes = head.classes();
    GraphBuilder graph = new GraphBuilder("label-shift-adapter");
    Ops ops = graph.ops();
    graph.input(FEATURES, type(plan.batchSize(), size));
    graph.input(CONDITION, type(1, condition.size()));
    graph.input(ADJUSTMENT, type(1, classes));
    graph.input(LABELS, ValueType.of(DType.INT64, plan.batchSize()));
    types.forEach(graph::input);
    String told = ops.matMul(CONDITION, SourceLabelShift.HIDDEN_WEIGHTS);
    String hidden = ops.relu(ops.add(told, SourceLabelShift.HIDDEN_BIAS));
    String product = ops.matMul(hidden, SourceLabelShift.OUTPUT_WEIGHTS);
    String generated = ops.add(product, SourceLabelShift.OUTPUT_BIAS);
    int changes = 2 * size;
    int biases = changes + classes * plan.rank();
    String scale = ops.add(ops.slice(generated, 1, 0, size), 1);
    String shift = ops.slice(generated, 1, size, changes);
    String sides = ops.reshape(ops.slice(generated, 1, changes, biases), classes, plan.rank());
    String bias = ops.slice(generated, 1, biases, biases + classes);
    String x = ops.add(ops.mul(FEATURES, scale), shift);
    String change = ops.matMul(sides, SourceLabelShift.DIRECTIONS);
    String weights = ops.add(graph.constant(Constant.of(weights(head))), change);
    String own = graph.constant(Constant.of(Tensor.ofFloats(head.bias(), classes)));
    String logits = ops.add(ops.add(ops.matMul(x, ops.transpose(weights, 1, 0)), own), bias);
    String adjusted = ops.add(logits, ADJUSTMENT);
    graph.output("loss", Losses.mean(ops, Losses.crossEntropy(ops, adjusted, LABELS)));
    return graph.build();
  }

  private static Tensor weights(LinearHead head) {
    return Tensor.ofFloats(head.weights(), head.classes(), head.featureSize());
  }

  /**
   * Learns one batch.
   *
   * @param features {@code [batch, features]} of the plan's batch size, row by row
   * @param labels {@code [batch]}
   * @return the loss before the step
   * @throws AcclimateException when a number is not finite
   */
  public double step(float[] features, int[] labels) {
    double[] target = plan.draw(condition.axis(), seeds.child("draws").child(trainer.steps()));
    double[] told = new double[condition.size()];
    condition.write(target, told);
    float[] adjustment = new float[target.length];
    for (int c = 0; c < target.length; c++) {
      adjustment[c] = (float) (plan.temperature() * Math.log(source[c] / target[c]));
    }
    for (int i = 0; i < told.length; i++) {
      data.get(CONDITION).floats().put(i, (float) told[i]);
    }
    data.get(FEATURES).floats().put(features);
    data.get(ADJUSTMENT).floats().put(adjustment);
    data.get(LABELS).longs().put(Arrays.stream(labels).asLongStream().toArray());
    Trainer.StepReport report = trainer.step(data);
    if (!report.applied()) {
      throw new AcclimateException(
          "label shift adapter, step %d: %s".formatted(trainer.steps(), report.refusal()));
    }
    return report.loss();
  }

  /** What was learned so far. */
  public SourceLabelShift result() {
    Map<String, Tensor> copies = new LinkedHashMap<>();
    trainer.parameters().tensors().forEach((name, tensor) -> copies.put(name, tensor.copy()));
    return new SourceLabelShift(condition, copies);
  }

  @Override
  public void close() {
    model.close();
  }
}

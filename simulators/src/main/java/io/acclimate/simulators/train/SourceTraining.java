package io.acclimate.simulators.train;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.FrozenModel;
import io.acclimate.runtime.ModelRunner;
import io.acclimate.runtime.Rows;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.graph.Constant;
import io.acclimate.runtime.graph.Dim;
import io.acclimate.runtime.graph.GraphBuilder;
import io.acclimate.runtime.graph.ModelGraph;
import io.acclimate.runtime.graph.OnnxFormat;
import io.acclimate.runtime.graph.Ops;
import io.acclimate.runtime.graph.ValueType;
import io.acclimate.runtime.train.Adam;
import io.acclimate.runtime.train.Losses;
import io.acclimate.runtime.train.ParameterGroups;
import io.acclimate.runtime.train.ParameterSet;
import io.acclimate.runtime.train.Schedule;
import io.acclimate.runtime.train.TrainableModel;
import io.acclimate.runtime.train.Trainer;
import io.acclimate.simulators.data.Dataset;
import io.acclimate.simulators.train.TrainingScenario.Recipe;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.commons.rng.UniformRandomProvider;
import org.apache.commons.rng.sampling.PermutationSampler;

/**
 * Trains a network from random weights. The same scenario, seed and machine give the same bytes.
 * One run of one instance; not thread-safe.
 */
public final class SourceTraining {
  private static final String LOSS = "loss";
  private static final String LABELS = "labels";
  private static final int EVALUATION_BATCH = 100;

  private final TrainingScenario scenario;
  private final Recipe recipe;
  private final SeedTree seeds;
  private final Consumer<Progress> listener;

  /**
   * How far training is.
   *
   * @param step steps made
   * @param steps steps of the whole training
   * @param epoch the epoch under way, from 1
   * @param loss the mean loss since the epoch began
   */
  public record Progress(long step, long steps, int epoch, double loss) {}

  /**
   * What came of it.
   *
   * @param model the trained network with its batch size open
   * @param classes the names of the classes in the order of the logits
   * @param parameters how many values were trained
   * @param accuracy on the evaluation data, 0 to 1
   * @param loss the mean training loss of the last epoch
   */
  public record Result(
      ModelGraph model, List<String> classes, int parameters, double accuracy, double loss) {}

  /** Prepares a training; the listener hears of every step. */
  public SourceTraining(TrainingScenario scenario, Consumer<Progress> listener) {
    this.scenario = scenario;
    this.recipe = scenario.recipe();
    this.seeds = SeedTree.of(scenario.seed());
    this.listener = listener;
  }

  /**
   * Trains and evaluates.
   *
   * @throws AcclimateException when data and network do not fit, or a loss is not finite
   */
  public Result run() {
    Dataset data = scenario.data().read();
    Dataset evaluation = scenario.evaluation().read();
    requireFit(data);
    requireFit(evaluation);
    GraphBuilder graph =
        scenario.network().build(Dim.of(recipe.batchSize()), weightSeeds()).toBuilder();
    Map<String, Constant> weights = new LinkedHashMap<>();
    for (String name : weightNames(graph)) {
      weights.put(name, graph.edits().lift(name));
    }
    Ops ops = graph.ops();
    String labels = graph.input(LABELS, ValueType.of(DType.INT64, recipe.batchSize()));
    graph.output(LOSS, Losses.mean(ops, Losses.crossEntropy(ops, "logits", labels)));
    try (TrainableModel model =
        TrainableModel.of(graph.build(), LOSS)
            .parameters(weights.keySet())
            .options(scenario.options())
            .build()) {
      ParameterSet parameters = model.newParameters();
      weights.forEach((name, value) -> parameters.put(name, value.toTensor()));
      ParameterSet average = parameters.copy();
      double loss = train(model, parameters, average, data);
      ModelGraph trained = export(recipe.averageKeep() > 0 ? average : parameters);
      return new Result(
          trained, data.classNames(), parameters.size(), evaluate(trained, evaluation), loss);
    }
  }

  private SeedTree weightSeeds() {
    return seeds.child("weights");
  }

  /** The constants that are weights: they have names of their own, not the builder's. */
  private static List<String> weightNames(GraphBuilder graph) {
    return graph.build().constants().keySet().stream()
        .filter(name -> name.endsWith("weight") || name.endsWith("bias") || name.equals("position"))
        .toList();
  }

  private void requireFit(Dataset data) {
    VisionTransformer network = scenario.network();
    List<Integer> wanted = List.of(network.channels(), network.height(), network.imageWidth());
    List<Integer> found = Arrays.stream(data.sampleShape()).boxed().toList();
    if (!found.equals(wanted) || data.classes() > network.classes()) {
      throw new AcclimateException(
          "data %s: expected samples %s of at most %d classes, found %s of %d"
              .formatted(data.source(), wanted, network.classes(), found, data.classes()));
    }
    if (data.size() < recipe.batchSize()) {
      throw new AcclimateException(
          "data %s: expected at least one batch of %d samples, found %d"
              .formatted(data.source(), recipe.batchSize(), data.size()));
    }
  }

  private Trainer trainer(TrainableModel model, ParameterSet parameters, long steps) {
    ParameterGroups.Group plain = ParameterGroups.Group.DEFAULT;
    ParameterGroups.Group decayed = new ParameterGroups.Group(1, recipe.weightDecay(), true);
    ParameterGroups groups =
        ParameterGroups.of(parameters.types().keySet(), plain)
            .put(name -> isMatrix(name, parameters), decayed);
    Trainer.Plan plan =
        new Trainer.Plan(
            recipe.rate(),
            Schedule.warmUp(recipe.warmUp(), Schedule.COSINE),
            steps,
            recipe.clipNorm(),
            1);
    return new Trainer(model, parameters, Adam.adamW(groups), plan);
  }

  private static boolean isMatrix(String name, ParameterSet parameters) {
    return name.endsWith(".weight") && parameters.types().get(name).shape().rank() > 1;
  }

  private double train(
      TrainableModel model, ParameterSet parameters, ParameterSet average, Dataset data) {
    int perEpoch = data.size() / recipe.batchSize();
    long steps = (long) perEpoch * recipe.epochs();
    Trainer trainer = trainer(model, parameters, steps);
    BatchFiller filler = new BatchFiller(data);
    double meanLoss = 0;
    for (int epoch = 0; epoch < recipe.epochs(); epoch++) {
      UniformRandomProvider order = seeds.child("order").child(epoch).generator();
      int[] places = new PermutationSampler(order, data.size(), data.size()).sample();
      UniformRandomProvider noise = seeds.child("augmentation").child(epoch).generator();
      double sum = 0;
      for (int step = 0; step < perEpoch; step++) {
        filler.fill(places, step * recipe.batchSize(), noise);
        Trainer.StepReport report = trainer.step(filler.tensors);
        if (!report.applied()) {
          throw new AcclimateException(
              "training stopped at step %d: %s".formatted(trainer.steps(), report.refusal()));
        }
        average(average, parameters, trainer.steps());
        sum += report.loss();
        meanLoss = sum / (step + 1);
        listener.accept(new Progress(trainer.steps(), steps, epoch + 1, meanLoss));
      }
    }
    return meanLoss;
  }

  /** A running mean that forgets its random beginning: early steps keep less. */
  private void average(ParameterSet average, ParameterSet parameters, long step) {
    if (recipe.averageKeep() > 0) {
      average.average(Math.min(recipe.averageKeep(), step / (step + 10.0)), parameters);
    }
  }

  private ModelGraph export(ParameterSet parameters) {
    GraphBuilder graph = scenario.network().build(Dim.symbol("batch"), weightSeeds()).toBuilder();
    parameters
        .tensors()
        .forEach((name, values) -> graph.edits().replaceConstant(name, Constant.of(values.copy())));
    return graph.build();
  }

  private double evaluate(ModelGraph trained, Dataset data) {
    int right = 0;
    int[] shape = data.sampleShape();
    float[] sample = new float[(int) Tensor.elements(shape[0], shape[1], shape[2])];
    Tensor batch = Tensor.allocate(DType.FLOAT32, EVALUATION_BATCH, shape[0], shape[1], shape[2]);
    try (FrozenModel model =
            FrozenModel.open(scenario.name(), OnnxFormat.toBytes(trained), scenario.options());
        ModelRunner runner = model.newRunner(List.of("logits"))) {
      for (int start = 0; start < data.size(); start += EVALUATION_BATCH) {
        int size = Math.min(EVALUATION_BATCH, data.size() - start);
        for (int i = 0; i < size; i++) {
          data.copySample(start + i, sample, 0);
          batch.floats().put(i * sample.length, sample);
        }
        float[] logits = runner.run(batch.rows(size)).get("logits").toFloatArray();
        int[] found = Rows.argmax(logits, size, logits.length / size);
        for (int i = 0; i < size; i++) {
          right += found[i] == data.labels().get(start + i) ? 1 : 0;
        }
      }
    }
    return right / (double) data.size();
  }

  /** Fills the tensors of one step. */
  private final class BatchFiller {
    private final Dataset data;
    private final ImageAugmentation augmentation;
    private final Tensor images;
    private final Tensor labels = Tensor.allocate(DType.INT64, recipe.batchSize());
    private final Map<String, Tensor> tensors;
    private final float[] sample;
    private final float[] augmented;

    BatchFiller(Dataset data) {
      this.data = data;
      int[] shape = data.sampleShape();
      this.images =
          Tensor.allocate(DType.FLOAT32, recipe.batchSize(), shape[0], shape[1], shape[2]);
      this.tensors = Map.of("image", images, LABELS, labels);
      this.sample = new float[(int) images.elements() / recipe.batchSize()];
      this.augmented = new float[sample.length];
      this.augmentation = new ImageAugmentation(recipe.flip(), recipe.shift(), shape);
    }

    void fill(int[] places, int start, UniformRandomProvider noise) {
      for (int i = 0; i < recipe.batchSize(); i++) {
        data.copySample(places[start + i], sample, 0);
        augmentation.apply(sample, augmented, noise);
        images.floats().put(i * sample.length, augmented);
        labels.longs().put(i, data.labels().get(places[start + i]));
      }
    }
  }
}

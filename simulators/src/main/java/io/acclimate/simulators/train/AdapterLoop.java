package io.acclimate.simulators.train;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.Rows;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.train.Adam;
import io.acclimate.runtime.train.ParameterGroups;
import io.acclimate.runtime.train.ParameterSet;
import io.acclimate.runtime.train.Schedule;
import io.acclimate.runtime.train.TrainableModel;
import io.acclimate.runtime.train.Trainer;
import io.acclimate.simulators.train.AdapterScenario.Recipe;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.commons.rng.sampling.PermutationSampler;

/** Feeds batches to a model, for training and for judging. Not thread-safe. */
final class AdapterLoop {
  private final Recipe recipe;
  private final TrainableModel model;
  private final ModelInputs inputs;
  private final Split split;
  private final Map<String, Tensor> samples;
  private final Tensor labels;
  private final Tensor weights;
  private final Map<String, Tensor> feeds = new LinkedHashMap<>();

  AdapterLoop(Recipe recipe, TrainableModel model, ModelInputs inputs, Split split) {
    this.recipe = recipe;
    this.model = model;
    this.inputs = inputs;
    this.split = split;
    this.labels = Tensor.allocate(DType.INT64, recipe.batchSize());
    this.weights = Tensor.allocate(DType.FLOAT32, recipe.batchSize());
    this.samples = new LinkedHashMap<>();
    model.graph().inputs().stream()
        .filter(name -> !model.parameterTypes().containsKey(name))
        .filter(name -> !name.equals(AdapterTraining.LABELS))
        .filter(name -> !name.equals(AdapterTraining.WEIGHTS))
        .forEach(name -> samples.put(name, model.graph().type(name).allocate()));
    feeds.putAll(samples);
    feeds.put(AdapterTraining.LABELS, labels);
    feeds.put(AdapterTraining.WEIGHTS, weights);
  }

  /** Fills the tensors; rows without a sample repeat the first one and count nothing. */
  private int fill(int[] order, int start) {
    int count = Math.min(recipe.batchSize(), order.length - start);
    for (int row = 0; row < recipe.batchSize(); row++) {
      int sample = order[start + (row < count ? row : 0)];
      inputs.put(samples, row, sample);
      labels.longs().put(row, inputs.labels().get(sample));
      weights.floats().put(row, row < count ? 1 : 0);
    }
    return count;
  }

  /** Trains and gives the mean loss of the last epoch. */
  double train(
      ParameterSet parameters,
      String head,
      SeedTree seeds,
      Consumer<SourceTraining.Progress> listener) {
    int perEpoch = (split.training().length + recipe.batchSize() - 1) / recipe.batchSize();
    Trainer trainer = trainer(parameters, head, (long) perEpoch * recipe.epochs());
    double mean = 0;
    for (int epoch = 0; epoch < recipe.epochs(); epoch++) {
      int[] order = shuffled(seeds.child(epoch));
      double sum = 0;
      for (int step = 0; step < perEpoch; step++) {
        fill(order, step * recipe.batchSize());
        Trainer.StepReport report = trainer.step(feeds);
        if (!report.applied()) {
          throw new AcclimateException(
              "training stopped at step %d: %s".formatted(trainer.steps(), report.refusal()));
        }
        sum += report.loss();
        mean = sum / (step + 1);
        listener.accept(
            new SourceTraining.Progress(
                trainer.steps(), (long) perEpoch * recipe.epochs(), epoch + 1, mean));
      }
    }
    return mean;
  }

  private int[] shuffled(SeedTree seeds) {
    int[] training = split.training();
    int[] order =
        new PermutationSampler(seeds.generator(), training.length, training.length).sample();
    for (int i = 0; i < order.length; i++) {
      order[i] = training[order[i]];
    }
    return order;
  }

  private Trainer trainer(ParameterSet parameters, String head, long steps) {
    ParameterGroups groups =
        ParameterGroups.of(
                parameters.types().keySet(),
                new ParameterGroups.Group(1, recipe.weightDecay(), true))
            .put(
                name -> name.startsWith(head + "."),
                new ParameterGroups.Group(recipe.headRateFactor(), recipe.weightDecay(), true));
    Trainer.Plan plan =
        new Trainer.Plan(
            recipe.rate(),
            Schedule.warmUp(recipe.warmUp(), Schedule.COSINE),
            steps,
            recipe.clipNorm(),
            1);
    return new Trainer(model, parameters, Adam.adamW(groups), plan);
  }

  /** The share of held-out samples whose largest logit is the right one. */
  double accuracy(ParameterSet parameters, String logits) {
    int right = 0;
    int[] order = split.heldOut();
    for (int start = 0; start < order.length; start += recipe.batchSize()) {
      int count = fill(order, start);
      model.forward(parameters, feeds);
      float[] values = model.result(logits).toFloatArray();
      int[] found = Rows.argmax(values, count, values.length / recipe.batchSize());
      for (int row = 0; row < count; row++) {
        right += found[row] == inputs.labels().get(order[start + row]) ? 1 : 0;
      }
    }
    return right / (double) order.length;
  }
}

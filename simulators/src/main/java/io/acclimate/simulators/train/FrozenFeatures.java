package io.acclimate.simulators.train;

import io.acclimate.bank.statistics.Prototypes;
import io.acclimate.continual.Backbone;
import io.acclimate.continual.tuning.FeatureExtractor;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.Device;
import io.acclimate.runtime.ModelOptions;
import io.acclimate.runtime.Rows;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.graph.GraphBuilder;
import io.acclimate.runtime.graph.Ops;
import io.acclimate.runtime.graph.ValueType;
import io.acclimate.runtime.train.Adam;
import io.acclimate.runtime.train.Losses;
import io.acclimate.runtime.train.ParameterGroups;
import io.acclimate.runtime.train.ParameterSet;
import io.acclimate.runtime.train.Schedule;
import io.acclimate.runtime.train.TrainableModel;
import io.acclimate.runtime.train.Trainer;
import io.acclimate.simulators.data.Labels;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;
import org.apache.commons.rng.sampling.distribution.ZigguratSampler;

/**
 * The frozen model's features of all samples, scaled to unit length, and what can be read from them
 * without changing the model: the controls that an adapter has to beat.
 */
final class FrozenFeatures {
  private static final int STEPS = 500;
  private static final double RATE = 0.05;
  private static final double DECAY = 1e-3;

  private final double[][] features;
  private final Labels labels;

  private FrozenFeatures(double[][] features, Labels labels) {
    this.features = features;
    this.labels = labels;
  }

  /** Runs all samples through the frozen model. */
  static FrozenFeatures of(Backbone backbone, ModelInputs inputs) {
    int batch = backbone.batch();
    Map<String, Tensor> tensors = inputs.allocate(backbone.graph(), batch);
    double[][] features = new double[inputs.labels().size()][];
    try (FeatureExtractor extractor = new FeatureExtractor(backbone)) {
      for (int start = 0; start < features.length; start += batch) {
        int count = Math.min(batch, features.length - start);
        for (int row = 0; row < batch; row++) {
          inputs.put(tensors, row, start + Math.min(row, count - 1));
        }
        System.arraycopy(extractor.unitFeatures(tensors), 0, features, start, count);
      }
    }
    return new FrozenFeatures(features, inputs.labels());
  }

  /** Held-out accuracy of the class whose mean feature is nearest by cosine. */
  double nearestClassMean(Split split) {
    double[][] sums = new double[labels.classes()][features[0].length];
    for (int sample : split.training()) {
      for (int k = 0; k < features[sample].length; k++) {
        sums[labels.get(sample)][k] += features[sample][k];
      }
    }
    Prototypes means = new Prototypes(features[0].length);
    for (double[] sum : sums) {
      means.set(means.size(), sum);
    }
    return accuracy(split, means::nearest);
  }

  private double accuracy(Split split, ToIntFunction<double[]> classifier) {
    long right =
        Arrays.stream(split.heldOut())
            .filter(sample -> classifier.applyAsInt(features[sample]) == labels.get(sample))
            .count();
    return right / (double) split.heldOut().length;
  }

  /** Held-out accuracy of a linear head, trained on all samples at once until it stands still. */
  double linearHead(Split split, SeedTree seeds) {
    int count = split.training().length;
    int size = features[0].length;
    GraphBuilder graph = new GraphBuilder("linear-head");
    Ops ops = graph.ops();
    graph.input("x", ValueType.of(DType.FLOAT32, count, size));
    graph.input("y", ValueType.of(DType.INT64, count));
    graph.input("weight", ValueType.of(DType.FLOAT32, size, labels.classes()));
    graph.input("bias", ValueType.of(DType.FLOAT32, labels.classes()));
    String logits = ops.add(ops.matMul("x", "weight"), "bias");
    graph.output("loss", Losses.mean(ops, Losses.crossEntropy(ops, logits, "y")));
    List<String> names = List.of("weight", "bias");
    try (TrainableModel model =
        TrainableModel.of(graph.build(), "loss")
            .parameters(names)
            .options(new ModelOptions(Device.CPU, 0))
            .build()) {
      ParameterSet parameters = model.newParameters();
      ZigguratSampler.NormalizedGaussian gaussian =
          ZigguratSampler.NormalizedGaussian.of(seeds.generator());
      for (int i = 0; i < size * labels.classes(); i++) {
        parameters.set(i, 0.01 * gaussian.sample());
      }
      ParameterGroups groups =
          ParameterGroups.of(
              parameters.types().keySet(), new ParameterGroups.Group(1, DECAY, true));
      Trainer.Plan plan =
          new Trainer.Plan(RATE, Schedule.COSINE, STEPS, Double.POSITIVE_INFINITY, 1);
      Trainer trainer = new Trainer(model, parameters, Adam.adamW(groups), plan);
      Map<String, Tensor> data = data(split, size);
      for (int step = 0; step < STEPS; step++) {
        trainer.step(data);
      }
      return judge(split, parameters);
    }
  }

  private Map<String, Tensor> data(Split split, int size) {
    int count = split.training().length;
    Tensor x = Tensor.allocate(DType.FLOAT32, count, size);
    Tensor y = Tensor.allocate(DType.INT64, count);
    for (int i = 0; i < count; i++) {
      for (int k = 0; k < size; k++) {
        x.floats().put(i * size + k, (float) features[split.training()[i]][k]);
      }
      y.longs().put(i, labels.get(split.training()[i]));
    }
    return Map.of("x", x, "y", y);
  }

  private double judge(Split split, ParameterSet parameters) {
    double[] scores = new double[labels.classes()];
    int weights = parameters.start("weight");
    int bias = parameters.start("bias");
    return accuracy(
        split,
        sample -> {
          for (int c = 0; c < scores.length; c++) {
            scores[c] = parameters.get(bias + c);
            for (int k = 0; k < sample.length; k++) {
              scores[c] += parameters.get(weights + k * scores.length + c) * sample[k];
            }
          }
          return Rows.greatest(scores);
        });
  }
}

package io.acclimate.simulators.train;

import io.acclimate.runtime.DType;
import io.acclimate.runtime.Device;
import io.acclimate.runtime.GraphSession;
import io.acclimate.runtime.ModelOptions;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.Tensor;
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
import io.acclimate.simulators.data.Labels;
import java.util.List;
import java.util.Map;
import org.apache.commons.rng.sampling.distribution.ZigguratSampler;

/**
 * The frozen model's features of all samples, scaled to unit length, and what can be read from them
 * without changing the model: the controls that an adapter has to beat.
 */
final class FrozenFeatures {
  private static final int STEPS = 500;
  private static final double RATE = 0.05;
  private static final double DECAY = 1e-3;

  private final float[][] features;
  private final Labels labels;

  private FrozenFeatures(float[][] features, Labels labels) {
    this.features = features;
    this.labels = labels;
  }

  /** Runs all samples through a graph whose only output are features {@code [batch, size]}. */
  static FrozenFeatures compute(
      ModelGraph graph, String output, ModelInputs inputs, AdapterScenario scenario) {
    int batch = scenario.recipe().batchSize();
    Map<String, Tensor> tensors = inputs.allocate(graph, batch);
    Tensor result = graph.type(output).allocate();
    int size = (int) result.dim(1);
    float[][] features = new float[inputs.labels().size()][size];
    try (GraphSession session =
        GraphSession.open(graph.name(), OnnxFormat.toBytes(graph), scenario.options())) {
      for (int start = 0; start < features.length; start += batch) {
        for (int row = 0; row < batch; row++) {
          inputs.put(tensors, row, Math.min(start + row, features.length - 1));
        }
        session.run(tensors, Map.of(output, result));
        for (int row = 0; row < batch && start + row < features.length; row++) {
          result.floats().get(row * size, features[start + row]);
          normalise(features[start + row]);
        }
      }
    }
    return new FrozenFeatures(features, inputs.labels());
  }

  private static void normalise(float[] values) {
    double sum = 0;
    for (float value : values) {
      sum += value * value;
    }
    float scale = (float) (1 / Math.max(Math.sqrt(sum), 1e-12));
    for (int i = 0; i < values.length; i++) {
      values[i] *= scale;
    }
  }

  /** Held-out accuracy of the class whose mean feature is nearest by cosine. */
  double nearestClassMean(Split split) {
    int size = features[0].length;
    float[][] means = new float[labels.classes()][size];
    for (int sample : split.training()) {
      for (int k = 0; k < size; k++) {
        means[labels.get(sample)][k] += features[sample][k];
      }
    }
    for (float[] mean : means) {
      normalise(mean);
    }
    int right = 0;
    float[] scores = new float[means.length];
    for (int sample : split.heldOut()) {
      for (int c = 0; c < means.length; c++) {
        scores[c] = dot(means[c], features[sample]);
      }
      right += argmax(scores, 0, scores.length) == labels.get(sample) ? 1 : 0;
    }
    return right / (double) split.heldOut().length;
  }

  private static float dot(float[] a, float[] b) {
    float sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
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
      x.floats().put(i * size, features[split.training()[i]]);
      y.longs().put(i, labels.get(split.training()[i]));
    }
    return Map.of("x", x, "y", y);
  }

  private double judge(Split split, ParameterSet parameters) {
    float[] weight = parameters.tensor("weight").toFloatArray();
    float[] bias = parameters.tensor("bias").toFloatArray();
    int right = 0;
    float[] scores = new float[bias.length];
    for (int sample : split.heldOut()) {
      for (int c = 0; c < scores.length; c++) {
        scores[c] = bias[c];
        for (int k = 0; k < features[sample].length; k++) {
          scores[c] += weight[k * bias.length + c] * features[sample][k];
        }
      }
      right += argmax(scores, 0, scores.length) == labels.get(sample) ? 1 : 0;
    }
    return right / (double) split.heldOut().length;
  }

  /** The place of the largest of some values, counted from their start. */
  static int argmax(float[] values, int start, int count) {
    int best = 0;
    for (int i = 1; i < count; i++) {
      if (values[start + i] > values[start + best]) {
        best = i;
      }
    }
    return best;
  }
}

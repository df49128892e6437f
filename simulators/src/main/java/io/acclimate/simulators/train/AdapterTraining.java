package io.acclimate.simulators.train;

import io.acclimate.bank.Adapter;
import io.acclimate.bank.AdapterCard;
import io.acclimate.bank.pet.HeadModule;
import io.acclimate.bank.pet.HeadSettings;
import io.acclimate.bank.pet.PatchedGraph;
import io.acclimate.bank.pet.PetPatch;
import io.acclimate.continual.Backbone;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.ContentHash;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.graph.GraphBuilder;
import io.acclimate.runtime.graph.Ops;
import io.acclimate.runtime.graph.Specializer;
import io.acclimate.runtime.graph.ValueType;
import io.acclimate.runtime.train.Losses;
import io.acclimate.runtime.train.ParameterSet;
import io.acclimate.runtime.train.TrainableModel;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Trains modules inside of a frozen model, and measures what they are worth: beside the adapter
 * stand the nearest class mean and a linear head, both on the frozen model's features. One run of
 * one instance; not thread-safe.
 */
public final class AdapterTraining {
  static final String LABELS = "labels";
  static final String WEIGHTS = "sample-weights";
  private static final String HEAD = "head";
  private static final String LOGITS = "adapter-logits";
  private static final String LOSS = "loss";

  private final AdapterScenario scenario;
  private final SeedTree seeds;
  private final Consumer<SourceTraining.Progress> listener;

  /**
   * What came of it.
   *
   * @param adapter the trained values with their card
   * @param accuracy of the adapter on the held-out samples, 0 to 1
   * @param linearHead accuracy of a linear head on frozen features
   * @param nearestClassMean accuracy of the nearest class mean on frozen features
   * @param trained values that were trained, head included
   */
  public record Result(
      Adapter adapter, double accuracy, double linearHead, double nearestClassMean, long trained) {}

  /** Prepares a training; the listener hears of every step. */
  public AdapterTraining(AdapterScenario scenario, Consumer<SourceTraining.Progress> listener) {
    this.scenario = scenario;
    this.seeds = SeedTree.of(scenario.seed());
    this.listener = listener;
  }

  /**
   * Trains and measures.
   *
   * @throws AcclimateException when model, modules and data do not fit, or a loss is not finite
   */
  public Result run() {
    ModelInputs inputs = ModelInputs.read(scenario.data(), scenario.tokenizer(), scenario.tokens());
    byte[] bytes = scenario.model().read();
    Backbone backbone =
        inputs.backbone(
            Specializer.of(scenario.model().name(), bytes),
            scenario.recipe().batchSize(),
            scenario.features(),
            scenario.pooling(),
            scenario.options());
    Split split = Split.of(inputs.labels(), scenario.heldOut(), seeds.child("split"));
    FrozenFeatures frozen = FrozenFeatures.of(backbone, inputs);
    double nearest = frozen.nearestClassMean(split);
    double linear = frozen.linearHead(split, seeds.child("linear-head"));
    PatchedGraph patched = patch(backbone, inputs.labels().classes());
    try (TrainableModel model = trainable(patched)) {
      AdapterLoop loop = new AdapterLoop(scenario.recipe(), model, inputs, split);
      ParameterSet parameters = start(model, patched);
      double loss = loop.train(parameters, HEAD, seeds.child("order"), listener);
      double accuracy = loop.accuracy(parameters, LOGITS);
      Map<String, Double> metrics = new TreeMap<>();
      metrics.put("accuracy", accuracy);
      metrics.put("linearHeadAccuracy", linear);
      metrics.put("nearestClassMeanAccuracy", nearest);
      metrics.put("trainingLoss", loss);
      AdapterCard card = card(ContentHash.sha256(bytes), metrics, split);
      Map<String, Tensor> values = new LinkedHashMap<>();
      parameters.tensors().forEach((name, tensor) -> values.put(name, tensor.copy()));
      return new Result(
          new Adapter(card, values), accuracy, linear, nearest, patched.trainableCount());
    }
  }

  private PatchedGraph patch(Backbone backbone, int classes) {
    PetPatch patch = PetPatch.of(backbone.graph());
    scenario.modules().forEach(patch::add);
    HeadSettings head =
        new HeadSettings(
            backbone.features(), backbone.pooling(), backbone.mask(), LOGITS, classes, 0.001);
    return patch.add(HEAD, new HeadModule(head)).apply();
  }

  private TrainableModel trainable(PatchedGraph patched) {
    GraphBuilder graph = patched.graph().toBuilder();
    Ops ops = graph.ops();
    long batch = scenario.recipe().batchSize();
    String labels = graph.input(LABELS, ValueType.of(DType.INT64, batch));
    String weights = graph.input(WEIGHTS, ValueType.of(DType.FLOAT32, batch));
    String bySample = Losses.crossEntropy(ops, LOGITS, labels);
    graph.output(LOSS, Losses.weightedMean(ops, bySample, weights));
    graph.setOutputs(List.of(LOGITS, LOSS));
    return TrainableModel.of(graph.build(), LOSS)
        .parameters(patched.parameters().keySet())
        .results(LOGITS)
        .options(scenario.options())
        .build();
  }

  private ParameterSet start(TrainableModel model, PatchedGraph patched) {
    ParameterSet parameters = model.newParameters();
    patched.initialValues(seeds.child("start")).forEach(parameters::put);
    return parameters;
  }

  private AdapterCard card(String modelSha256, Map<String, Double> metrics, Split split) {
    String module = String.join("+", scenario.modules().keySet());
    Map<String, String> provenance = new TreeMap<>();
    provenance.put("data", scenario.data().path().getFileName().toString());
    provenance.put("seed", Long.toString(scenario.seed()));
    provenance.put("training-samples", Integer.toString(split.training().length));
    provenance.put("held-out-samples", Integer.toString(split.heldOut().length));
    return AdapterCard.of(
            scenario.name(), scenario.data().path().getFileName().toString(), module, modelSha256)
        .withSettings(scenario.moduleSettings())
        .withMetrics(metrics)
        .withProvenance(provenance);
  }
}

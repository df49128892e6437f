package io.acclimate.continual.tuning;

import io.acclimate.bank.pet.HeadModule;
import io.acclimate.bank.pet.HeadSettings;
import io.acclimate.bank.pet.PatchedGraph;
import io.acclimate.bank.pet.PetPatch;
import io.acclimate.continual.Backbone;
import io.acclimate.continual.LabelledBatch;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.graph.GraphBuilder;
import io.acclimate.runtime.graph.ValueType;
import io.acclimate.runtime.train.ParameterSet;
import io.acclimate.runtime.train.TrainableModel;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A frozen model with modules inside and a head whose classes grow. The loss is {@link
 * LocalCrossEntropy}.
 *
 * <p>The model holds the graph; the values are the caller's {@link ParameterSet}s. Not thread-safe.
 * Close it to free the sessions.
 */
public final class TaskModel implements AutoCloseable {
  private static final String HEAD = "head";
  private static final String LOGITS = "task-logits";
  private static final String LOSS = "task-loss";
  private static final String POOLED = "task-features";
  private static final String LABELS = "task-labels";
  private static final String WEIGHTS = "task-sample-weights";
  private static final String OPEN = "task-open-classes";

  private final Backbone backbone;
  private final int classes;
  private final PatchedGraph patched;
  private final TrainableModel trainable;
  private final BatchFeeds samples;
  private final Map<String, Tensor> feeds = new LinkedHashMap<>();
  private final FeatureLoss more;

  /**
   * Builds the graph; sessions are opened at their first use.
   *
   * @param classes the rows of the head, at least 1
   * @throws AcclimateException when a module finds no place in the model
   */
  public TaskModel(Backbone backbone, TuningSettings settings, int classes) {
    this(backbone, settings, classes, FeatureLoss.NONE);
  }

  /** The same with a further term of the loss. */
  TaskModel(Backbone backbone, TuningSettings settings, int classes, FeatureLoss more) {
    this.backbone = backbone;
    this.classes = classes;
    this.more = more;
    PetPatch patch = PetPatch.of(backbone.graph());
    settings.modules().forEach(patch::add);
    HeadSettings head =
        new HeadSettings(
            backbone.features(),
            backbone.pooling(),
            backbone.mask(),
            LOGITS,
            classes,
            settings.headInitDeviation(),
            settings.head(),
            settings.headScale());
    this.patched = patch.add(HEAD, new HeadModule(head)).apply();
    this.trainable = withLoss();
    this.samples = new BatchFeeds(backbone);
    feeds.putAll(samples.tensors());
    for (String name : trainable.graph().inputs()) {
      if (!feeds.containsKey(name) && !patched.parameters().containsKey(name)) {
        feeds.put(name, trainable.graph().type(name).allocate());
      }
    }
  }

  private TrainableModel withLoss() {
    GraphBuilder graph = patched.graph().toBuilder();
    DType type = backbone.type();
    graph.input(LABELS, ValueType.of(DType.INT64, backbone.batch()));
    graph.input(WEIGHTS, ValueType.of(type, backbone.batch()));
    graph.input(OPEN, ValueType.of(type, classes));
    graph.output(
        POOLED, backbone.pooling().append(graph.ops(), backbone.features(), backbone.mask()));
    String loss = LocalCrossEntropy.append(graph.ops(), LOGITS, LABELS, WEIGHTS, OPEN);
    graph.output(LOSS, more.append(graph, loss, POOLED, WEIGHTS, classes));
    graph.setOutputs(List.of(LOGITS, POOLED, LOSS));
    return TrainableModel.of(graph.build(), LOSS)
        .parameters(patched.parameters().keySet())
        .results(LOGITS, POOLED)
        .options(backbone.options())
        .build();
  }

  /** The rows of the head. */
  public int classes() {
    return classes;
  }

  /** Whether a parameter belongs to the head, else to a module. */
  public static boolean isHead(String parameter) {
    return parameter.startsWith(HEAD + ".");
  }

  /** The name of the head's weights {@code [classes, size]} in a set of parameters. */
  public static String headWeight(ParameterSet parameters) {
    return head(parameters, ".weight");
  }

  /** The name of a linear head's biases {@code [classes]} in a set of parameters. */
  public static String headBias(ParameterSet parameters) {
    return head(parameters, ".bias");
  }

  private static String head(ParameterSet parameters, String suffix) {
    return parameters.types().keySet().stream()
        .filter(name -> isHead(name) && name.endsWith(suffix))
        .findFirst()
        .orElseThrow(() -> new AcclimateException("expected a head, found " + parameters));
  }

  /** The modules at each of their sites, without the head. */
  List<PatchedGraph.Unit> units() {
    return patched.units().stream().filter(unit -> !unit.module().equals(HEAD)).toList();
  }

  /** The modules' tensors of a set of parameters; writes go through. */
  public static Map<String, Tensor> modules(ParameterSet parameters) {
    Map<String, Tensor> modules = new LinkedHashMap<>(parameters.tensors());
    modules.keySet().removeIf(TaskModel::isHead);
    return modules;
  }

  /** Values to start with; a model with more classes starts its first rows with the same. */
  public ParameterSet initialParameters(SeedTree seeds) {
    ParameterSet parameters = trainable.newParameters();
    patched.initialValues(seeds).forEach(parameters::put);
    return parameters;
  }

  /**
   * The parameters of a model with fewer classes as parameters of this one.
   *
   * @param seeds those that the new classes start with
   */
  public ParameterSet grow(ParameterSet fewer, SeedTree seeds) {
    ParameterSet grown = initialParameters(seeds);
    fewer.tensors().forEach((name, old) -> grown.tensor(name).bytes().put(old.bytes()));
    return grown;
  }

  /** A set of zeros with the parameters' names and types. */
  public ParameterSet newParameters() {
    return trainable.newParameters();
  }

  /** The graph with its loss. */
  TrainableModel trainable() {
    return trainable;
  }

  /** Checks samples before a forward pass and gives their number. */
  int requireFit(Map<String, Tensor> inputs) {
    return samples.requireFit(inputs);
  }

  /**
   * Checks a batch before a training step.
   *
   * @return its rows
   * @throws AcclimateException when the inputs do not fit or there are too many rows
   */
  int requireFit(LabelledBatch batch) {
    int rows = samples.requireFit(batch.inputs());
    if (rows > samples.capacity()) {
      throw new AcclimateException(
          "expected at most %d rows in a batch to learn, found %d"
              .formatted(samples.capacity(), rows));
    }
    return rows;
  }

  /**
   * Loads a batch for one training step.
   *
   * @param open the classes that compete
   * @return the inputs of {@link #trainable()}; overwritten by the next call
   * @throws AcclimateException when the inputs do not fit or there are too many rows
   */
  Map<String, Tensor> load(LabelledBatch batch, Set<Integer> open) {
    int rows = requireFit(batch);
    samples.fill(batch.inputs(), 0);
    for (int row = 0; row < samples.capacity(); row++) {
      feeds.get(LABELS).longs().put(row, batch.labels()[Math.min(row, rows - 1)]);
      put(feeds.get(WEIGHTS), row, row < rows ? batch.masks().loss(row) : 0);
    }
    batch.masks().hide(feeds);
    for (int label = 0; label < classes; label++) {
      put(feeds.get(OPEN), label, open.contains(label) ? 1 : 0);
    }
    more.fill(feeds);
    return feeds;
  }

  /** Lets the rows that were loaded count anew; those after them still count nothing. */
  void weigh(double[] weights) {
    for (int row = 0; row < weights.length; row++) {
      put(feeds.get(WEIGHTS), row, weights[row]);
    }
  }

  /**
   * The features of the rows that were loaded, of what is shown of them.
   *
   * @return {@code [rows][featureSize]}
   */
  double[][] loadedFeatures(ParameterSet parameters, int rows) {
    trainable.forward(parameters, feeds);
    Tensor pooled = trainable.result(POOLED);
    double[][] features = new double[rows][featureSize()];
    for (int row = 0; row < rows; row++) {
      int start = row * features[row].length;
      Arrays.setAll(features[row], i -> get(pooled, start + i));
    }
    return features;
  }

  /**
   * The losses of the rows that were loaded.
   *
   * @param open the classes that compete
   */
  double[] losses(ParameterSet parameters, int[] labels, Set<Integer> open) {
    trainable.forward(parameters, feeds);
    Tensor logits = trainable.result(LOGITS);
    double[] losses = new double[labels.length];
    for (int row = 0; row < losses.length; row++) {
      double own = get(logits, row * classes + labels[row]);
      double sum = 0;
      for (int label : open) {
        sum += Math.exp(get(logits, row * classes + label) - own);
      }
      losses[row] = Math.log(sum);
    }
    return losses;
  }

  /**
   * Computes logits of any number of samples.
   *
   * @param inputs a tensor for each input of the backbone, {@code [rows, ...]}
   * @param logits receives {@code [rows, classes]}, row by row; may be longer
   * @throws AcclimateException when the inputs do not fit
   */
  public void logits(ParameterSet parameters, Map<String, Tensor> inputs, double[] logits) {
    forward(parameters, inputs, LOGITS, logits);
  }

  /** The number of features that the head reads. */
  public int featureSize() {
    return (int) trainable.graph().type(POOLED).shape().size(1);
  }

  /**
   * Computes the features that the head reads, of any number of samples.
   *
   * @param inputs a tensor for each input of the backbone, {@code [rows, ...]}
   * @param features receives {@code [rows, featureSize]}, row by row; may be longer
   * @throws AcclimateException when the inputs do not fit
   */
  public void features(ParameterSet parameters, Map<String, Tensor> inputs, double[] features) {
    forward(parameters, inputs, POOLED, features);
  }

  private void forward(
      ParameterSet parameters, Map<String, Tensor> inputs, String output, double[] values) {
    int rows = samples.requireFit(inputs);
    for (int row = 0; row < samples.capacity(); row++) {
      feeds.get(LABELS).longs().put(row, 0);
      put(feeds.get(WEIGHTS), row, 1);
    }
    Tensor result = trainable.result(output);
    int width = (int) result.dim(1);
    int taken = 0;
    for (int start = 0; start < rows; start += taken) {
      taken = samples.fill(inputs, start);
      trainable.forward(parameters, feeds);
      for (int i = 0; i < taken * width; i++) {
        values[start * width + i] = get(result, i);
      }
    }
  }

  private static void put(Tensor tensor, int index, double value) {
    if (tensor.type() == DType.FLOAT64) {
      tensor.doubles().put(index, value);
    } else {
      tensor.floats().put(index, (float) value);
    }
  }

  private static double get(Tensor tensor, int index) {
    return tensor.type() == DType.FLOAT64
        ? tensor.doubles().get(index)
        : tensor.floats().get(index);
  }

  @Override
  public void close() {
    trainable.close();
  }

  @Override
  public String toString() {
    return trainable.toString();
  }
}

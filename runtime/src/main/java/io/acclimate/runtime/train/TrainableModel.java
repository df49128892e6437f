package io.acclimate.runtime.train;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.GraphSession;
import io.acclimate.runtime.ModelOptions;
import io.acclimate.runtime.SessionPool;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.autodiff.Autodiff;
import io.acclimate.runtime.autodiff.GradientRules;
import io.acclimate.runtime.graph.GraphBuilder;
import io.acclimate.runtime.graph.ModelGraph;
import io.acclimate.runtime.graph.OnnxFormat;
import io.acclimate.runtime.graph.ValueType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A graph with a loss that can be trained: one call of ONNX Runtime computes the loss and the
 * gradients of all parameters, on buffers that are used again and again.
 *
 * <p>Parameters are inputs of the call and never state of the session, so one model serves many
 * sets of them, and models with equal graphs may share it (see {@link Builder#sessions}). Not
 * thread-safe. Close it to free the sessions.
 */
public final class TrainableModel implements AutoCloseable {
  private static final String GRADIENT = "gradient/";

  private final ModelGraph graph;
  private final String loss;
  private final Map<String, ValueType> parameterTypes;
  private final Set<String> dataInputs;
  private final List<String> results;
  private final ModelOptions options;
  private final SessionPool sessions;
  private final GradientRules rules;
  private final ParameterSet gradients;
  private final Map<String, Tensor> resultTensors = new LinkedHashMap<>();
  private final Map<String, Tensor> trainingOutputs = new LinkedHashMap<>();
  private final Map<String, Tensor> feeds = new LinkedHashMap<>();
  private GraphSession forward;
  private GraphSession training;

  private TrainableModel(Builder builder) {
    this.graph = builder.graph;
    this.loss = builder.loss;
    this.options = builder.options;
    this.sessions = builder.sessions;
    this.rules = builder.rules;
    this.results = List.copyOf(builder.results);
    Map<String, ValueType> types = new LinkedHashMap<>();
    builder.parameters.forEach(name -> types.put(name, graph.type(name)));
    this.parameterTypes = types;
    this.dataInputs = new LinkedHashSet<>(graph.inputs());
    dataInputs.removeAll(types.keySet());
    this.gradients = new ParameterSet(types);
    results.forEach(name -> resultTensors.put(name, graph.type(name).allocate()));
    resultTensors.put(loss, graph.type(loss).allocate());
    trainingOutputs.putAll(resultTensors);
    gradients.tensors().forEach((name, tensor) -> trainingOutputs.put(GRADIENT + name, tensor));
  }

  /** Collects what a model is made of. */
  public static final class Builder {
    private final ModelGraph graph;
    private final Set<String> parameters = new LinkedHashSet<>();
    private final Set<String> results = new LinkedHashSet<>();
    private final String loss;
    private ModelOptions options = ModelOptions.DEFAULT;
    private SessionPool sessions = new SessionPool();
    private GradientRules rules = GradientRules.builtInRules();

    private Builder(ModelGraph graph, String loss) {
      this.graph = graph;
      this.loss = loss;
    }

    /** Names inputs of the graph that are trained. */
    public Builder parameters(Collection<String> names) {
      parameters.addAll(names);
      return this;
    }

    /** Names further outputs of the graph that each call gives, such as logits. */
    public Builder results(String... names) {
      results.addAll(List.of(names));
      return this;
    }

    /** Where the sessions run. */
    public Builder options(ModelOptions chosen) {
      options = chosen;
      return this;
    }

    /**
     * Where sessions come from that other models with an equal graph share; else it has its own.
     */
    public Builder sessions(SessionPool chosen) {
      sessions = chosen;
      return this;
    }

    /** Gradient rules with a user's own. */
    public Builder rules(GradientRules chosen) {
      rules = chosen;
      return this;
    }

    /**
     * Checks names and shapes; sessions are opened at their first use.
     *
     * @throws AcclimateException when a name is no input or output of the graph, a parameter is not
     *     of floating-point type, or a dimension is open
     */
    public TrainableModel build() {
      for (String parameter : parameters) {
        if (!graph.inputs().contains(parameter)) {
          throw new AcclimateException(
              "parameter '%s' is no input of graph %s".formatted(parameter, graph.name()));
        }
      }
      List<String> outputs = new ArrayList<>(results);
      outputs.add(loss);
      if (!graph.outputs().containsAll(outputs)) {
        throw new AcclimateException(
            "expected outputs %s, graph %s has %s"
                .formatted(outputs, graph.name(), graph.outputs()));
      }
      graph.inputs().forEach(input -> graph.type(input).shape().elements());
      return new TrainableModel(this);
    }
  }

  /**
   * Starts a model.
   *
   * @param graph of fixed shapes; its inputs are parameters and data
   * @param loss an output with one element
   */
  public static Builder of(ModelGraph graph, String loss) {
    return new Builder(graph, loss);
  }

  /** The graph with the loss, without gradients. */
  public ModelGraph graph() {
    return graph;
  }

  /** Names and types of the parameters. */
  public Map<String, ValueType> parameterTypes() {
    return Collections.unmodifiableMap(parameterTypes);
  }

  /** A set of zeros with the parameters' names and types. */
  public ParameterSet newParameters() {
    return new ParameterSet(parameterTypes);
  }

  /**
   * Computes the loss and the results.
   *
   * @param data a tensor for each input that is no parameter; use the same tensors again and again
   * @return the loss
   */
  public double forward(ParameterSet parameters, Map<String, Tensor> data) {
    if (forward == null) {
      forward = sessions.open(graph.name(), OnnxFormat.toBytes(pruned(graph)), options);
    }
    forward.run(feeds(parameters, data), resultTensors);
    return lossValue();
  }

  /**
   * Computes the loss, the results and the gradients.
   *
   * @param data a tensor for each input that is no parameter; use the same tensors again and again
   * @return the loss
   */
  public double backward(ParameterSet parameters, Map<String, Tensor> data) {
    if (training == null) {
      training = sessions.open(graph.name(), OnnxFormat.toBytes(trainingGraph()), options);
    }
    training.run(feeds(parameters, data), trainingOutputs);
    return lossValue();
  }

  private double lossValue() {
    Tensor value = resultTensors.get(loss);
    return value.type() == DType.FLOAT32 ? value.floats().get(0) : value.doubles().get(0);
  }

  /** The gradients of the last {@link #backward}; overwritten by the next one. */
  public ParameterSet gradients() {
    return gradients;
  }

  /** A result of the last call; overwritten by the next one. */
  public Tensor result(String name) {
    Tensor tensor = resultTensors.get(name);
    if (tensor == null) {
      throw new AcclimateException("no result '%s'; there are %s".formatted(name, results));
    }
    return tensor;
  }

  /** The graph with the gradients as outputs, as it is run. */
  public ModelGraph trainingGraph() {
    GraphBuilder builder = pruned(graph).toBuilder();
    Map<String, String> found = Autodiff.gradients(builder, loss, parameterTypes.keySet(), rules);
    found.forEach((parameter, gradient) -> builder.output(GRADIENT + parameter, gradient));
    return builder.build();
  }

  private ModelGraph pruned(ModelGraph whole) {
    GraphBuilder builder = whole.toBuilder();
    builder.setOutputs(List.copyOf(resultTensors.keySet()));
    return builder.build();
  }

  private Map<String, Tensor> feeds(ParameterSet parameters, Map<String, Tensor> data) {
    if (!parameters.types().equals(parameterTypes)) {
      throw new AcclimateException(
          "graph %s: expected parameters %s, found %s"
              .formatted(graph.name(), parameterTypes, parameters.types()));
    }
    if (!data.keySet().equals(dataInputs)) {
      throw new AcclimateException(
          "graph %s: expected inputs %s, found %s"
              .formatted(graph.name(), dataInputs, data.keySet()));
    }
    data.forEach(this::requireFit);
    feeds.clear();
    feeds.putAll(data);
    feeds.putAll(parameters.tensors());
    return feeds;
  }

  private void requireFit(String input, Tensor tensor) {
    ValueType wanted = graph.type(input);
    if (tensor.type() != wanted.type() || !Arrays.equals(tensor.shape(), wanted.shape().sizes())) {
      throw new AcclimateException(
          "input '%s' of graph %s: expected %s, found %s"
              .formatted(input, graph.name(), wanted, tensor));
    }
  }

  /** Frees the sessions. Closing twice does nothing; a later call opens them anew. */
  @Override
  public void close() {
    if (forward != null) {
      forward.close();
      forward = null;
    }
    if (training != null) {
      training.close();
      training = null;
    }
  }

  @Override
  public String toString() {
    return graph.name() + " with " + gradients;
  }
}

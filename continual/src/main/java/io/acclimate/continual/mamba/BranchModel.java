package io.acclimate.continual.mamba;

import io.acclimate.bank.pet.PetParameter;
import io.acclimate.bank.selective.SelectiveProjector;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.ModelOptions;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.graph.GraphBuilder;
import io.acclimate.runtime.graph.Ops;
import io.acclimate.runtime.graph.Shape;
import io.acclimate.runtime.graph.ValueType;
import io.acclimate.runtime.train.Init;
import io.acclimate.runtime.train.ParameterSet;
import io.acclimate.runtime.train.TrainableModel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A projector with its loss, on token maps. The base model adds a linear map of the mean token; the
 * session model adds what the base model gives, as numbers that no gradient passes, and the losses
 * that tell base classes from others.
 *
 * <p>The model holds the graph; the values are the caller's {@link ParameterSet}s. Not thread-safe.
 * Close it to free the sessions.
 */
final class BranchModel implements AutoCloseable {
  /** Directions that a row is drawn to: its own, and that of the map it is mixed with. */
  static final int TARGETS = 2;

  private static final String BRANCH = "branch.";
  private static final String RESIDUAL = "residual";
  private static final String MAP = "map";
  private static final String BASE = "base-features";
  private static final String TARGET = "targets";
  private static final String WEIGHT = "weights";
  private static final String OLD = "old-rows";
  private static final String ADDED = "added-rows";
  private static final String FEATURES = "features";
  private static final String LOSS = "loss";

  private final SelectiveProjector projector;
  private final DType type;
  private final int rows;
  private final TrainableModel trainable;
  private final Map<String, Tensor> feeds = new LinkedHashMap<>();

  private BranchModel(
      SelectiveProjector projector,
      DType type,
      int rows,
      ModelOptions options,
      MambaFscilSettings.SelectionLosses losses) {
    this.projector = projector;
    this.type = type;
    this.rows = rows;
    GraphBuilder graph = new GraphBuilder(losses == null ? "mamba-fscil-base" : "mamba-fscil");
    List<String> parameters = addInputs(graph, losses == null);
    append(graph, losses);
    this.trainable =
        TrainableModel.of(graph.build(), LOSS)
            .parameters(parameters)
            .results(FEATURES)
            .options(options)
            .build();
    trainable.graph().inputs().stream()
        .filter(input -> !parameters.contains(input))
        .forEach(input -> feeds.put(input, trainable.graph().type(input).allocate()));
  }

  /** The names of the inputs that are parameters. */
  private List<String> addInputs(GraphBuilder graph, boolean ofBase) {
    int size = projector.block().size();
    graph.input(MAP, ValueType.of(type, rows, projector.orders().tokens(), projector.width()));
    graph.input(TARGET, ValueType.of(type, rows, TARGETS, size));
    graph.input(WEIGHT, ValueType.of(type, rows, TARGETS));
    List<String> parameters = new ArrayList<>();
    for (PetParameter parameter : projector.parameters()) {
      String name = BRANCH + parameter.name();
      parameters.add(graph.input(name, new ValueType(type, shape(parameter))));
    }
    if (ofBase) {
      parameters.add(graph.input(RESIDUAL, ValueType.of(type, size, projector.width())));
    } else {
      graph.input(BASE, ValueType.of(type, rows, size));
      graph.input(OLD, ValueType.of(type, rows));
      graph.input(ADDED, ValueType.of(type, rows));
    }
    return parameters;
  }

  /** The model of the first task. */
  static BranchModel ofBase(
      SelectiveProjector projector, DType type, int rows, ModelOptions options) {
    return new BranchModel(projector, type, rows, options, null);
  }

  /** The model of the tasks after it. */
  static BranchModel ofSession(
      SelectiveProjector projector,
      DType type,
      int rows,
      ModelOptions options,
      MambaFscilSettings.SelectionLosses losses) {
    return new BranchModel(projector, type, rows, options, losses);
  }

  private static Shape shape(PetParameter parameter) {
    return Shape.of(parameter.sizes().stream().mapToLong(Long::longValue).toArray());
  }

  private void append(GraphBuilder graph, MambaFscilSettings.SelectionLosses losses) {
    Ops ops = graph.ops();
    SelectiveProjector.Result branch = projector.append(ops, MAP, name -> BRANCH + name);
    String beside =
        losses == null
            ? ops.matMul(ops.reduceMean(MAP, false, 1), ops.transposeLast(RESIDUAL))
            : BASE;
    String features = ops.add(beside, branch.features());
    String loss = ProjectorLosses.dotRegression(ops, features, TARGET, WEIGHT);
    if (losses != null) {
      String gate = ops.mul(branch.gate(), projector.orders().count());
      String kept = ops.mul(ProjectorLosses.gateSize(ops, gate, OLD), losses.suppress());
      String freed = ops.mul(ProjectorLosses.gateSize(ops, gate, ADDED), -losses.excite());
      String alike = ProjectorLosses.separation(ops, branch.select(), OLD, ADDED);
      loss = ops.add(ops.add(loss, ops.add(kept, freed)), ops.mul(alike, losses.separate()));
    }
    graph.output(FEATURES, features);
    graph.output(LOSS, loss);
  }

  /** The type of maps and parameters. */
  DType type() {
    return type;
  }

  /** The rows of a call. */
  int rows() {
    return rows;
  }

  /** The graph with its loss. */
  TrainableModel trainable() {
    return trainable;
  }

  /** What the next call reads; overwritten by who fills it. */
  Map<String, Tensor> feeds() {
    return feeds;
  }

  /** Values to start with. */
  ParameterSet initialParameters(SeedTree seeds) {
    ParameterSet parameters = trainable.newParameters();
    for (PetParameter parameter : projector.parameters()) {
      String name = BRANCH + parameter.name();
      parameter.init().fill(parameters.tensor(name), seeds.child(name));
    }
    if (parameters.types().containsKey(RESIDUAL)) {
      Init.kaimingUniform(projector.width())
          .fill(parameters.tensor(RESIDUAL), seeds.child(RESIDUAL));
    }
    return parameters;
  }

  /** Puts the map of a row. */
  void putMap(int row, double[] map) {
    put(MAP, row, map);
  }

  /** Puts what the base model gives for a row. */
  void putBase(int row, double[] features) {
    put(BASE, row, features);
  }

  /** Puts the directions that a row is drawn to, and how much each counts. */
  void putTargets(int row, double[] directions, double[] weights) {
    put(TARGET, row, directions);
    put(WEIGHT, row, weights);
  }

  /** Puts which kind of class a row has, for the losses that tell them apart. */
  void putKind(int row, boolean old, boolean added) {
    put(OLD, row, new double[] {old ? 1 : 0});
    put(ADDED, row, new double[] {added ? 1 : 0});
  }

  private void put(String input, int row, double[] values) {
    Tensor tensor = feeds.get(input);
    int start = row * values.length;
    for (int i = 0; i < values.length; i++) {
      if (type == DType.FLOAT64) {
        tensor.doubles().put(start + i, values[i]);
      } else {
        tensor.floats().put(start + i, (float) values[i]);
      }
    }
  }

  /** Computes features of the maps that were put. */
  void forward(ParameterSet parameters) {
    trainable.forward(parameters, feeds);
  }

  /** Reads the features of a row that the last call gave. */
  void features(int row, double[] features) {
    Tensor tensor = trainable.result(FEATURES);
    for (int i = 0; i < features.length; i++) {
      int index = row * features.length + i;
      features[i] =
          type == DType.FLOAT64 ? tensor.doubles().get(index) : tensor.floats().get(index);
    }
  }

  /** Rounds values to what the model computes with, so that feeding them loses nothing more. */
  void round(double[] values) {
    for (int i = 0; i < values.length && type != DType.FLOAT64; i++) {
      values[i] = (float) values[i];
    }
  }

  @Override
  public void close() {
    trainable.close();
  }
}

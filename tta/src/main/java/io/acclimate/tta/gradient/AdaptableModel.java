package io.acclimate.tta.gradient;

import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.graph.Constant;
import io.acclimate.runtime.graph.GraphBuilder;
import io.acclimate.runtime.graph.ModelGraph;
import io.acclimate.runtime.graph.ValueType;
import io.acclimate.runtime.train.ParameterSet;
import io.acclimate.runtime.train.TrainableModel;
import io.acclimate.tta.DifferentiableModel;
import io.acclimate.tta.Passes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A model with a method's loss, at any batch size. One call computes logits, loss and gradients;
 * the parameters are inputs of the call, so student, teacher and source share the sessions.
 *
 * <p>Sessions are opened for a batch size when it first comes, and the latest {@value #MAX_SIZES}
 * are kept. Sizes are rounded up to at most a quarter more, by a rule that depends on the batch
 * alone: equal batches take equal arithmetic. Not thread-safe; close it to free the sessions.
 */
public final class AdaptableModel implements AutoCloseable {
  private static final int MAX_SIZES = 4;

  private final DifferentiableModel model;
  private final ParameterScope scope;
  private final StreamLoss loss;
  private final int views;
  private final ParameterSet source;
  private Passes passesOfDropped = Passes.NONE;
  private SizedModel latest;
  private final Map<Integer, SizedModel> sizes = new LinkedHashMap<>(8, 0.75f, true);

  /**
   * A model with one view of each batch.
   *
   * @param scope the parameters to change
   */
  public AdaptableModel(DifferentiableModel model, ParameterScope scope, StreamLoss loss) {
    this(model, scope, loss, 1);
  }

  /**
   * A model that sees several views of each batch in one call.
   *
   * @param scope the parameters to change
   * @param views the number of views, at least 1
   */
  public AdaptableModel(
      DifferentiableModel model, ParameterScope scope, StreamLoss loss, int views) {
    this.model = model;
    this.scope = scope;
    this.loss = loss;
    this.views = views;
    Map<String, Constant> start = scope.attach(pruned(1)).start();
    Map<String, ValueType> types = new LinkedHashMap<>();
    start.forEach((name, value) -> types.put(name, value.type()));
    this.source = new ParameterSet(types);
    start.forEach((name, value) -> source.put(name, value.toTensor()));
  }

  /** A model with a loss whose parameters a method has chosen. */
  static AdaptableModel of(DifferentiableModel model, ParameterChoice parameters, StreamLoss loss) {
    return new AdaptableModel(model, parameters.of(model, 0), loss);
  }

  private ModelGraph pruned(int rows) {
    GraphBuilder graph = model.graphs().withBatch(rows).toBuilder();
    List<String> outputs = new ArrayList<>(List.of(model.logits()));
    model.features().ifPresent(outputs::add);
    graph.setOutputs(outputs);
    return graph.build();
  }

  /** The parameters' values in the model's file; not to be written to. */
  public ParameterSet source() {
    return source;
  }

  /**
   * Loads a batch as view 0.
   *
   * @param batch {@code [rows, ...]} as the model's input says
   * @return the model at a size that holds it; good until the next call of this method
   */
  public SizedModel load(Tensor batch) {
    int size = roundedUp((int) batch.dim(0));
    SizedModel sized = sizes.get(size);
    if (sized == null) {
      sized = open(size);
      sizes.put(size, sized);
      if (sizes.size() > MAX_SIZES) {
        Integer eldest = sizes.keySet().iterator().next();
        SizedModel dropped = sizes.remove(eldest);
        passesOfDropped = passesOfDropped.plus(dropped.passes());
        dropped.close();
      }
    }
    sized.load(0, batch);
    latest = sized;
    return sized;
  }

  /**
   * The features of the last call with the batch that was last loaded, where the model gives any.
   */
  Optional<double[]> features() {
    return latest == null ? Optional.empty() : model.features().map(name -> latest.features());
  }

  /** The next of 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, and so on: four steps an octave. */
  static int roundedUp(int rows) {
    int step = Math.max(1, Integer.highestOneBit(Math.max(1, rows - 1)) / 4);
    return (rows + step - 1) / step * step;
  }

  private SizedModel open(int size) {
    GraphBuilder graph = scope.attach(pruned(views * size)).graph();
    String logits = model.logits();
    ValueType weightType = ValueType.of(graph.type(logits).type(), size);
    String weights = graph.input(SizedModel.WEIGHTS, weightType);
    BatchStatistics.apply(graph, weights, views);
    LossGraph recipe = new LossGraph(graph, logits, model.features(), weights, size);
    graph.output(SizedModel.LOGITS, recipe.logits(0));
    model.features().ifPresent(name -> recipe.result(SizedModel.FEATURES, recipe.features(0)));
    graph.output("stream/loss", loss.append(recipe));
    TrainableModel.Builder trainable =
        TrainableModel.of(graph.build(), "stream/loss")
            .parameters(source.types().keySet())
            .results(SizedModel.LOGITS)
            .results(recipe.results().toArray(String[]::new))
            .options(model.options())
            .sessions(model.sessions());
    return new SizedModel(trainable.build(), model.input(), size, views);
  }

  /** How often the model was run, at any size. */
  Passes passes() {
    return sizes.values().stream().map(SizedModel::passes).reduce(passesOfDropped, Passes::plus);
  }

  /** Frees the sessions; a later call opens them anew. */
  @Override
  public void close() {
    passesOfDropped = passes();
    sizes.values().forEach(SizedModel::close);
    sizes.clear();
    latest = null;
  }
}

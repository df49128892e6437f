package io.acclimate.bank.serving;

import io.acclimate.bank.Adapter;
import io.acclimate.bank.AdapterRef;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.FrozenModel;
import io.acclimate.runtime.ModelOptions;
import io.acclimate.runtime.ModelRunner;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.graph.OnnxFormat;
import io.acclimate.runtime.graph.Specializer;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Runs batches whose rows are answered with different adapters, or with the frozen model. Adapters
 * are loaded between two calls into tensors that stay; the frozen model is not changed.
 *
 * <p>A row's results are those of its adapter alone up to the order of float32 sums, and those of a
 * row without adapter are the frozen model's in the same sense: they do not depend on the other
 * rows. Not thread-safe. Close it to free the session.
 */
public final class MixedModel implements AutoCloseable {
  private final MixedGraph graph;
  private final String modelSha256;
  private final FrozenModel session;
  private final ModelRunner runner;
  private final AdapterStacks stacks;
  private final AdapterSlots slots;
  private final Map<Integer, Tensor> rowSlots = new LinkedHashMap<>();
  private int[] rowClasses = {};

  private MixedModel(
      MixedGraph graph, String modelSha256, FrozenModel session, Collection<String> outputs) {
    this.graph = graph;
    this.modelSha256 = modelSha256;
    this.session = session;
    this.runner = session.newRunner(outputs);
    this.stacks = new AdapterStacks(graph);
    this.slots = new AdapterSlots(graph.settings().slots(), stacks::load);
  }

  /**
   * Opens a model whose open dimension is the batch's alone.
   *
   * @param outputs the outputs to compute
   */
  public static MixedModel open(
      FrozenModel model, ServingSettings settings, Collection<String> outputs) {
    return open(model, Map.of(), settings, outputs);
  }

  /**
   * Opens a model and checks that its rows do not depend on each other.
   *
   * @param otherSizes a typical size for each open dimension but the batch's
   * @param outputs the outputs to compute
   * @throws AcclimateException when the model has no place for the adapters, or a row depends on
   *     another row's adapter
   */
  public static MixedModel open(
      FrozenModel model,
      Map<String, Long> otherSizes,
      ServingSettings settings,
      Collection<String> outputs) {
    MixedGraph graph =
        MixedGraph.of(Specializer.of(model.name(), model.bytes()), otherSizes, settings);
    return open(graph, model.sha256(), model.options(), outputs);
  }

  /**
   * Opens a graph.
   *
   * @param modelSha256 the hash of the frozen model, which adapters must have been learned for
   */
  public static MixedModel open(
      MixedGraph graph, String modelSha256, ModelOptions options, Collection<String> outputs) {
    FrozenModel session =
        FrozenModel.open(graph.toString(), OnnxFormat.toBytes(graph.graph()), options);
    try {
      RowCheck.check(graph, session, outputs);
      return new MixedModel(graph, modelSha256, session, outputs);
    } catch (RuntimeException e) {
      session.close();
      throw e;
    }
  }

  /**
   * Answers a batch.
   *
   * @param inputs a tensor for each input of the frozen model, {@code [rows, ...]}
   * @param rows the adapter of each row, published and of one bank; null for the frozen model
   * @return the outputs by name; valid until the next call. Logits have {@link MixedGraph#classes}
   *     columns, of which the first {@link #classes} of a row have a meaning
   * @throws AcclimateException when an adapter was learned for another model, is not published or
   *     cannot be served, there are more of them than slots, or the inputs do not fit
   */
  public Map<String, Tensor> run(Map<String, Tensor> inputs, Adapter[] rows) {
    for (Adapter adapter : rows) {
      require(adapter);
    }
    Map<AdapterRef, AdapterSlots.Slot> assigned = slots.acquire(rows);
    Tensor indices =
        rowSlots.computeIfAbsent(rows.length, size -> Tensor.allocate(DType.INT64, size));
    int[] classes = new int[rows.length];
    for (int row = 0; row < rows.length; row++) {
      AdapterSlots.Slot slot = rows[row] == null ? null : assigned.get(rows[row].card().ref());
      indices.longs().put(row, slot == null ? 0 : slot.number());
      classes[row] = slot == null ? graph.frozenClasses() : slot.classes();
    }
    Map<String, Tensor> feeds = new LinkedHashMap<>(inputs);
    feeds.put(MixedGraph.SLOTS, indices);
    Map<String, Tensor> outputs = runner.run(feeds, stacks.tensors());
    rowClasses = classes;
    return outputs;
  }

  /**
   * Loads an adapter ahead of a call, which finds out whether it can be served.
   *
   * @return the classes of its logits
   * @throws AcclimateException when it was learned for another model, is not published or cannot be
   *     served
   */
  public int prepare(Adapter adapter) {
    require(adapter);
    return slots.acquire(new Adapter[] {adapter}).get(adapter.card().ref()).classes();
  }

  private void require(Adapter adapter) {
    if (adapter == null) {
      return;
    }
    adapter.card().requireModel(modelSha256);
    if (adapter.card().ref().version() < 1) {
      throw new AcclimateException(
          "adapter %s: expected one that is published, found version 0"
              .formatted(adapter.card().ref()));
    }
  }

  /** The classes of each row of the last call: those of its head, or of the frozen model. */
  public int[] classes() {
    return rowClasses.clone();
  }

  /** The graph that is run. */
  public MixedGraph graph() {
    return graph;
  }

  /** The adapters that are loaded, the one not used for the longest first. */
  public Set<AdapterRef> loaded() {
    return slots.loaded();
  }

  /** How often an adapter was loaded so far. */
  public long loads() {
    return slots.loads();
  }

  /** The bytes of all slots together. */
  public long slotBytes() {
    return stacks.tensors().values().stream().mapToLong(stack -> stack.bytes().capacity()).sum();
  }

  @Override
  public void close() {
    runner.close();
    session.close();
  }

  @Override
  public String toString() {
    return graph + ", " + List.copyOf(loaded());
  }
}

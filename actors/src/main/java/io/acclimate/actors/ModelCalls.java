package io.acclimate.actors;

import io.acclimate.bank.Adapter;
import io.acclimate.bank.serving.MixedModel;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.ModelRunner;
import io.acclimate.runtime.Tensor;
import java.nio.FloatBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Runs the model with and without adapters: a batch without any goes through the frozen model
 * itself, another one through the graph whose rows have adapters of their own. Buffers are reused.
 * Belongs to the thread of the model.
 */
final class ModelCalls implements AutoCloseable {
  /** The logit of a class that an adapter's head has not: its probability is 0. */
  private static final float ABSENT = -1e4f;

  private final ServedModel model;
  private final ModelRunner runner;
  private final Optional<MixedModel> mixed;
  private final Optional<AdapterResolver> resolver;
  private final Map<Integer, Tensor> logits = new LinkedHashMap<>();

  ModelCalls(ServedModel model, Optional<AdapterServing> serving) {
    this.model = model;
    this.mixed =
        serving.map(one -> MixedModel.open(model.model(), one.settings(), model.outputNames()));
    this.resolver =
        serving.map(one -> new AdapterResolver(one.bank(), mixed.orElseThrow(), model.classes()));
    this.runner = model.newRunner();
  }

  /** What a choice stands for now; without a bank always the frozen model. */
  AdapterResolver.Resolved resolve(AdapterChoice choice) {
    return resolver.map(one -> one.resolve(choice)).orElse(AdapterResolver.Resolved.FROZEN);
  }

  /**
   * Runs one batch.
   *
   * @param rows the adapter of each row, of no more adapters than there are slots; null for the
   *     frozen model
   * @return the model's outputs with logits {@code [rows, classes]}; valid until the next call
   */
  Map<String, Tensor> run(Tensor input, Adapter[] rows) {
    boolean frozen = true;
    for (Adapter adapter : rows) {
      frozen &= adapter == null;
    }
    if (frozen) {
      return runner.run(input);
    }
    return mixed(input, rows);
  }

  private Map<String, Tensor> mixed(Tensor input, Adapter[] rows) {
    MixedModel call = mixed.orElseThrow();
    Map<String, Tensor> outputs =
        new LinkedHashMap<>(call.run(Map.of(model.model().singleInput().name(), input), rows));
    outputs.put(model.logitsName(), trimmed(outputs.get(model.logitsName()), call.classes()));
    return outputs;
  }

  /**
   * Runs the frozen model on rows, to find out how it takes them.
   *
   * @param adapted whether through the graph whose rows have adapters
   */
  Map<String, Tensor> probe(Tensor input, boolean adapted) {
    return adapted ? mixed(input, new Adapter[Math.toIntExact(input.dim(0))]) : runner.run(input);
  }

  /** The logits of the classes that streams have. */
  private Tensor trimmed(Tensor all, int[] classes) {
    Tensor target =
        logits.computeIfAbsent(
            classes.length, rows -> Tensor.allocate(DType.FLOAT32, rows, model.classes()));
    FloatBuffer from = all.floats();
    FloatBuffer to = target.floats();
    int width = (int) all.dim(1);
    for (int row = 0; row < classes.length; row++) {
      for (int label = 0; label < model.classes(); label++) {
        to.put(label < classes[row] ? from.get(row * width + label) : ABSENT);
      }
    }
    return target;
  }

  @Override
  public void close() {
    runner.close();
    mixed.ifPresent(MixedModel::close);
  }
}

package io.acclimate.simulators.tasks;

import io.acclimate.continual.LabelledBatch;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.graph.ModelGraph;
import io.acclimate.simulators.data.Dataset;
import io.acclimate.simulators.data.Labels;
import io.acclimate.simulators.scenario.DataSource;
import io.acclimate.simulators.train.ModelInputs;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The samples of a scenario in every domain, as inputs of a model. An item is a sample in a domain;
 * items are numbered domain by domain. Not thread-safe.
 */
final class TaskData {
  private final List<TaskDomain> kinds;
  private final ModelInputs plain;
  private final Dataset images;
  private final SeedTree seeds;
  private final Map<Integer, ModelInputs> domains = new HashMap<>();

  private TaskData(List<TaskDomain> kinds, ModelInputs plain, Dataset images, SeedTree seeds) {
    this.kinds = kinds;
    this.plain = plain;
    this.images = images;
    this.seeds = seeds;
  }

  /** Reads all samples. */
  static TaskData read(ContinualScenario scenario) {
    List<TaskDomain> kinds = scenario.tasks().domains();
    if (scenario.data().format() == DataSource.Format.TEXT) {
      ContinualScenario.Model model = scenario.model();
      ModelInputs texts = ModelInputs.read(scenario.data(), model.tokenizer(), model.tokens());
      return new TaskData(kinds, texts, null, SeedTree.of(0));
    }
    Dataset data = scenario.data().read();
    return new TaskData(kinds, ModelInputs.of(data), data, SeedTree.of(0));
  }

  /** The same samples with other draws in their domains. */
  TaskData with(SeedTree seeds) {
    return new TaskData(kinds, plain, images, seeds);
  }

  /** The samples as they are. */
  ModelInputs plain() {
    return plain;
  }

  /** The classes of the samples. */
  Labels labels() {
    return plain.labels();
  }

  /** The number of a sample in a domain. */
  int item(int domain, int sample) {
    return Math.addExact(Math.multiplyExact(domain, labels().size()), sample);
  }

  /** The class of an item. */
  int label(int item) {
    return labels().get(item % labels().size());
  }

  /** The samples in a domain; made at the first use. */
  private ModelInputs inputs(int domain) {
    return kinds.isEmpty()
        ? plain
        : domains.computeIfAbsent(
            domain, at -> ModelInputs.of(kinds.get(at).apply(images, seeds.child(at))));
  }

  /**
   * A batch.
   *
   * @param places the number that learners know each class by
   * @param items the items, from {@code start} to below {@code end} of which are taken
   */
  LabelledBatch batch(ModelGraph graph, int[] places, int[] items, int start, int end) {
    Map<String, Tensor> tensors = plain.allocate(graph, end - start);
    int[] labels = new int[end - start];
    for (int row = 0; row < labels.length; row++) {
      int item = items[start + row];
      inputs(item / labels().size()).put(tensors, row, item % labels().size());
      labels[row] = places[label(item)];
    }
    return new LabelledBatch(tensors, labels);
  }
}

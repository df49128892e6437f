package io.acclimate.simulators.tasks;

import io.acclimate.continual.LabelledBatch;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.graph.ModelGraph;
import io.acclimate.simulators.data.Labels;
import io.acclimate.simulators.train.ModelInputs;
import io.acclimate.simulators.train.Split;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.commons.rng.sampling.ArraySampler;

/**
 * A dataset dealt out to tasks of equally many classes; classes are renumbered in the order in
 * which they arrive. Not thread-safe.
 */
final class TaskSequence {
  private final ModelInputs inputs;
  private final ModelGraph graph;
  private final Split split;
  private final int tasks;
  private final int perTask;
  private final int[] order;
  private final int[] place;

  /**
   * Deals the classes out.
   *
   * @throws AcclimateException when the number of tasks does not divide that of the classes
   */
  TaskSequence(
      ModelInputs inputs, ModelGraph graph, ClassIncrementalScenario scenario, SeedTree seeds) {
    int classes = inputs.labels().classes();
    if (classes % scenario.tasks() != 0) {
      throw new AcclimateException(
          "tasks: expected a divisor of the %d classes, found %d"
              .formatted(classes, scenario.tasks()));
    }
    this.inputs = inputs;
    this.graph = graph;
    this.split = Split.of(inputs.labels(), scenario.heldOut(), seeds.child("split"));
    this.tasks = scenario.tasks();
    this.perTask = classes / tasks;
    this.order = IntStream.range(0, classes).toArray();
    if (scenario.shuffleClasses()) {
      ArraySampler.shuffle(seeds.child("classes").generator(), order);
    }
    this.place = new int[classes];
    IntStream.range(0, classes).forEach(at -> place[order[at]] = at);
  }

  /** The number of tasks. */
  int tasks() {
    return tasks;
  }

  /** The classes of a task. */
  int classesPerTask() {
    return perTask;
  }

  /** The names of a task's classes. */
  List<String> names(int task) {
    Labels labels = inputs.labels();
    return Arrays.stream(order, task * perTask, (task + 1) * perTask)
        .mapToObj(label -> labels.names().get(label))
        .toList();
  }

  /** The samples of some tasks that are learned. */
  int[] training(int first, int last) {
    return ofTasks(split.training(), first, last);
  }

  /** The samples of a task that judge. */
  int[] heldOut(int task) {
    return ofTasks(split.heldOut(), task, task);
  }

  private int[] ofTasks(int[] samples, int first, int last) {
    return Arrays.stream(samples)
        .filter(sample -> task(sample) >= first && task(sample) <= last)
        .toArray();
  }

  private int task(int sample) {
    return place[inputs.labels().get(sample)] / perTask;
  }

  /** Samples in their order as batches, the last one smaller. */
  List<LabelledBatch> batches(int[] samples, int size) {
    List<LabelledBatch> batches = new ArrayList<>();
    for (int start = 0; start < samples.length; start += size) {
      int rows = Math.min(size, samples.length - start);
      Map<String, Tensor> tensors = inputs.allocate(graph, rows);
      int[] labels = new int[rows];
      for (int row = 0; row < rows; row++) {
        inputs.put(tensors, row, samples[start + row]);
        labels[row] = place[inputs.labels().get(samples[start + row])];
      }
      batches.add(new LabelledBatch(tensors, labels));
    }
    return batches;
  }
}

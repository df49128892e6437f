package io.acclimate.continual.conpet;

import io.acclimate.continual.ClassBlocks;
import io.acclimate.continual.LabelledBatch;
import io.acclimate.continual.LearnResult;
import io.acclimate.continual.LearnerContext;
import io.acclimate.continual.TaskOutline;
import io.acclimate.continual.tuning.TaskModel;
import io.acclimate.continual.tuning.TaskTuning;
import io.acclimate.continual.tuning.TuningSettings;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.state.StateReader;
import io.acclimate.runtime.state.StateWriter;
import io.acclimate.runtime.state.Stateful;
import io.acclimate.runtime.train.ParameterSet;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A module and a head for each block of classes. Only that of the open task is trained; those of
 * earlier ones never change. Blocks of equally many classes share one graph, so sessions do not
 * grow with the tasks. Not thread-safe. Close it to free the sessions.
 */
final class TaskModules implements Stateful, AutoCloseable {
  private final LearnerContext context;
  private final TuningSettings settings;
  private final ClassBlocks blocks;
  private final List<ParameterSet> finished = new ArrayList<>();
  private final Map<Integer, TaskModel> models = new HashMap<>();
  private TaskTuning open;

  TaskModules(LearnerContext context, TuningSettings settings, ClassBlocks blocks) {
    this.context = context;
    this.settings = settings;
    this.blocks = blocks;
  }

  /** Opens the module of the newest block. */
  void begin(long batches) {
    open = newTuning(finished.size());
    open.begin(TaskOutline.ofRange(0, blocks.size(finished.size()), batches), false);
  }

  private TaskTuning newTuning(int block) {
    return new TaskTuning(
        new LearnerContext(context.backbone(), context.seeds().child(block), context.adapters()),
        settings);
  }

  /** Whether a class is one of the open module's. */
  boolean isOpen(int label) {
    return open != null && blocks.of(label) == finished.size();
  }

  /**
   * Makes one step of the open module.
   *
   * @param batch samples of its own classes
   */
  LearnResult learn(LabelledBatch batch) {
    int[] labels = batch.labels().clone();
    for (int row = 0; row < labels.length; row++) {
      labels[row] -= blocks.start(finished.size());
    }
    return open.learn(batch.withLabels(labels), false);
  }

  /** All that a step changes; empty when no module is open. */
  Optional<Stateful> training() {
    return Optional.ofNullable(open);
  }

  /** Ends the training of the open module, if there is one. */
  void end() {
    if (open != null) {
      open.end();
      finished.add(open.parameters());
      open.close();
      open = null;
    }
  }

  /**
   * Computes the logits of a module over its own classes.
   *
   * @param logits receives {@code [rows, classes of the block]}; may be longer
   */
  void logits(int block, Map<String, Tensor> inputs, double[] logits) {
    if (block < finished.size()) {
      model(block).logits(finished.get(block), inputs, logits);
    } else {
      open.logits(open.parameters(), inputs, logits);
    }
  }

  private TaskModel model(int block) {
    return models.computeIfAbsent(
        blocks.size(block), size -> new TaskModel(context.backbone(), settings, size));
  }

  /** The bytes of all modules and heads. */
  long bytes() {
    return finishedParameters() * context.backbone().type().bytes()
        + (open == null ? 0 : open.bytes());
  }

  /** The values of all tasks' modules and heads. */
  long parameterCount() {
    return finishedParameters() + (open == null ? 0 : open.parameterCount());
  }

  private long finishedParameters() {
    return finished.stream().mapToLong(ParameterSet::size).sum();
  }

  @Override
  public void save(StateWriter out) {
    out.putInt("finished", finished.size());
    for (int block = 0; block < finished.size(); block++) {
      out.put("module" + block, finished.get(block));
    }
    out.putInt("open", open == null ? 0 : 1);
    if (open != null) {
      out.put("training", open);
    }
  }

  @Override
  public void load(StateReader in) {
    List<ParameterSet> loaded = new ArrayList<>();
    int count = in.getInt("finished");
    for (int block = 0; block < count; block++) {
      ParameterSet values = model(block).newParameters();
      in.get("module" + block, values);
      loaded.add(values);
    }
    close();
    open = null;
    finished.clear();
    finished.addAll(loaded);
    if (in.getInt("open") == 1) {
      open = newTuning(count);
      in.get("training", open);
    }
  }

  @Override
  public void close() {
    models.values().forEach(TaskModel::close);
    if (open != null) {
      open.close();
    }
  }
}

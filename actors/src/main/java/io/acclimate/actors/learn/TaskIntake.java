package io.acclimate.actors.learn;

import io.acclimate.actors.OverCapacityException;
import io.acclimate.continual.Backbone;
import io.acclimate.continual.LabelledBatch;
import io.acclimate.continual.tuning.BatchFeeds;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.Tensor;
import java.nio.FloatBuffer;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Takes labelled samples in, task by task, and counts what waits to be learned. Belongs to the
 * learner's thread.
 */
final class TaskIntake {
  private final LearnerSettings settings;
  private final LearnerFiles files;
  private final BatchFeeds feeds;

  /** Samples by task that was not decided on yet. */
  private final SortedMap<Long, Long> waiting = new TreeMap<>();

  private long open;

  /**
   * Removes what a life before had no time to remove, and counts what waits.
   *
   * @param next the number of the task to decide on next
   */
  TaskIntake(Backbone backbone, LearnerSettings settings, LearnerFiles files, long next) {
    this.settings = settings;
    this.files = files;
    this.feeds = new BatchFeeds(backbone);
    files.tasks().stream().filter(task -> task < next).forEach(files::removeTask);
    open = next;
    while (files.endedName(open).isPresent()) {
      open++;
    }
    for (long task = next; task <= open; task++) {
      for (LabelledBatch batch : files.batches(task)) {
        waiting.merge(task, (long) batch.labels().length, Long::sum);
      }
    }
  }

  /**
   * Takes labelled samples in for the open task; on the disk when this returns.
   *
   * @return the number of the task
   * @throws AcclimateException when they do not fit the model; nothing is kept then
   * @throws OverCapacityException when too many samples wait
   */
  long offer(LabelledBatch batch) {
    requireSound(batch);
    int rows = batch.labels().length;
    if (waitingSamples() + rows > settings.mostSamples()) {
      throw new OverCapacityException(
          "%d samples wait to be learned, no more fit (learner.most-samples)"
              .formatted(waitingSamples()));
    }
    long task = open;
    files.append(task, batch);
    long samples = waiting.merge(task, (long) rows, Long::sum);
    if (settings.taskSamples() > 0 && samples >= settings.taskSamples()) {
      endTask("");
    }
    return task;
  }

  private void requireSound(LabelledBatch batch) {
    feeds.requireFit(batch.inputs());
    for (int row = 0; row < batch.labels().length; row++) {
      if (batch.labels()[row] < 0) {
        throw new AcclimateException(
            "row %d: expected a label from 0, found %d".formatted(row, batch.labels()[row]));
      }
    }
    batch.inputs().forEach(TaskIntake::requireFinite);
  }

  private static void requireFinite(String input, Tensor tensor) {
    if (tensor.type() != DType.FLOAT32) {
      return;
    }
    FloatBuffer values = tensor.floats();
    for (int i = 0; i < values.limit(); i++) {
      if (!Float.isFinite(values.get(i))) {
        throw new AcclimateException(
            "input '%s': expected finite values, found %s at %d"
                .formatted(input, values.get(i), i));
      }
    }
  }

  /** Ends the open task: it gets no more samples and is learned. Gives its number. */
  long endTask(String name) {
    files.end(open, name);
    return open++;
  }

  /** The samples of a task that was not decided on yet. */
  long samples(long task) {
    return waiting.getOrDefault(task, 0L);
  }

  /** The samples of all tasks that were not decided on yet. */
  long waitingSamples() {
    return waiting.values().stream().mapToLong(Long::longValue).sum();
  }

  /** A task was decided on: its samples are gone. */
  void done(long task) {
    waiting.remove(task);
  }
}

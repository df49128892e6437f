package io.acclimate.actors.learn;

import io.acclimate.continual.LabelledBatch;
import io.acclimate.continual.TaskOutline;
import io.acclimate.runtime.SeedTree;
import java.util.Arrays;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * The samples of one task: those to train on, in an order of their own for each pass, and those
 * held out. Not thread-safe.
 */
final class TaskRun {
  private final LabelledBatch samples;
  private final int[] training;
  private final LabelledBatch heldOut;
  private final int batchSize;
  private final int epochs;
  private final SeedTree seeds;
  private long orderedEpoch = -1;
  private int[] order;

  /**
   * Splits the samples.
   *
   * @param samples at least as many as {@code heldOutEvery}
   */
  TaskRun(LabelledBatch samples, int heldOutEvery, int batchSize, int epochs, SeedTree seeds) {
    int count = samples.labels().length;
    this.samples = samples;
    this.training = Samples.training(count, heldOutEvery);
    this.heldOut = Samples.pick(samples, Samples.heldOut(count, heldOutEvery));
    this.batchSize = batchSize;
    this.epochs = epochs;
    this.seeds = seeds;
  }

  LabelledBatch heldOut() {
    return heldOut;
  }

  int trainingSamples() {
    return training.length;
  }

  private long batches() {
    return (training.length + batchSize - 1) / batchSize;
  }

  /** The steps that learning the task takes. */
  long steps() {
    return batches() * epochs;
  }

  /** The batch of a step, counted from 0; the same whenever it is asked for. */
  LabelledBatch batch(long step) {
    long epoch = step / batches();
    if (epoch != orderedEpoch) {
      order = Samples.shuffled(training, seeds.child(epoch));
      orderedEpoch = epoch;
    }
    int start = Math.toIntExact(step % batches()) * batchSize;
    return Samples.pick(
        samples, Arrays.copyOfRange(order, start, Math.min(start + batchSize, order.length)));
  }

  /**
   * The task's classes.
   *
   * @param seen the classes that the learner has seen; those between them and the task's are taken
   *     in too, since learners allow no gaps
   */
  TaskOutline outline(int seen) {
    SortedSet<Integer> classes = new TreeSet<>();
    for (int label : samples.labels()) {
      classes.add(label);
    }
    for (int label = seen; label < classes.last(); label++) {
      classes.add(label);
    }
    return new TaskOutline(classes, batches());
  }
}

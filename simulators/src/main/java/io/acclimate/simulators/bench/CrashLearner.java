package io.acclimate.simulators.bench;

import io.acclimate.replay.codec.BodyReader;
import io.acclimate.replay.codec.BodyWriter;
import io.acclimate.replay.codec.JournalRecord;
import io.acclimate.replay.event.BatchObserved;
import io.acclimate.replay.event.FeedbackReceived;
import io.acclimate.replay.event.FloatArray;
import io.acclimate.replay.event.JournalEvent;
import io.acclimate.replay.memory.BalancedReservoirMemory;
import io.acclimate.replay.memory.Exemplar;
import io.acclimate.replay.memory.MemoryCapacity;
import io.acclimate.replay.memory.RehearsalMemory;
import io.acclimate.replay.recovery.Recoverable;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.SeedTree;
import java.util.Arrays;
import java.util.Optional;
import org.apache.commons.rng.UniformRandomProvider;
import org.apache.commons.rng.sampling.distribution.ZigguratSampler;

/**
 * A learner whose every bit depends on every event before: a softmax classifier trained online by
 * gradient descent with momentum on each batch and on samples rehearsed from a memory, over a
 * stream that drifts. Not thread-safe.
 */
final class CrashLearner implements Recoverable {
  static final String STREAM = "stream";
  private static final int FEATURES = 32;
  private static final int CLASSES = 5;
  private static final int BATCH = 16;
  private static final double RATE = 0.05;
  private static final double MOMENTUM = 0.9;
  private static final double DRIFT = 1e-3;

  private final SeedTree data;
  private final double[] weights = new double[CLASSES * FEATURES];
  private final double[] velocity = new double[CLASSES * FEATURES];
  private final RehearsalMemory memory;
  private long steps;

  /** The batch that waits for its labels; null without one. */
  private FloatArray pending;

  CrashLearner(long seed) {
    SeedTree seeds = SeedTree.of(seed);
    this.data = seeds.child("data");
    this.memory =
        new BalancedReservoirMemory(new MemoryCapacity(200, 30_000), seeds.child("memory"));
  }

  long steps() {
    return steps;
  }

  boolean isWaitingForLabels() {
    return pending != null;
  }

  /** The labels of the batch with this number. */
  FeedbackReceived labels(long number) {
    UniformRandomProvider random = data.child(number).child("labels").generator();
    int[] labels = new int[BATCH];
    Arrays.setAll(labels, i -> random.nextInt(CLASSES));
    return new FeedbackReceived(STREAM, number, labels);
  }

  /** The batch with this number: each class around a place of its own, which moves with time. */
  BatchObserved batch(long number) {
    int[] labels = labels(number).labels();
    ZigguratSampler.NormalizedGaussian noise =
        ZigguratSampler.NormalizedGaussian.of(data.child(number).child("noise").generator());
    float[] values = new float[BATCH * FEATURES];
    for (int k = 0; k < values.length; k++) {
      int label = labels[k / FEATURES];
      double centre = Math.sin(DRIFT * number + (label + 1.0) * (k % FEATURES + 1));
      values[k] = (float) (centre + noise.sample());
    }
    return new BatchObserved(
        STREAM,
        number,
        BATCH,
        true,
        new int[0],
        Optional.empty(),
        Optional.empty(),
        Optional.of(FloatArray.of(values, BATCH, FEATURES)));
  }

  @Override
  public void apply(JournalRecord record) {
    apply(record.event());
  }

  void apply(JournalEvent event) {
    if (event instanceof BatchObserved batch && batch.batch() == steps) {
      pending = batch.features().orElseThrow();
    } else if (event instanceof FeedbackReceived feedback) {
      if (pending == null || feedback.batch() != steps) {
        throw new AcclimateException(
            "expected labels of batch %d, found batch %d".formatted(steps, feedback.batch()));
      }
      learn(pending.values(), feedback.labels());
      pending = null;
      steps++;
    }
  }

  private void learn(float[] values, int[] labels) {
    double[] gradient = new double[weights.length];
    for (Exemplar old : memory.draw(BATCH)) {
      addGradient(gradient, old.values(), 0, old.label());
    }
    for (int i = 0; i < labels.length; i++) {
      addGradient(gradient, values, i * FEATURES, labels[i]);
      float[] row = Arrays.copyOfRange(values, i * FEATURES, (i + 1) * FEATURES);
      memory.offer(new Exemplar(steps, i, labels[i], 1, row));
    }
    for (int k = 0; k < weights.length; k++) {
      velocity[k] = MOMENTUM * velocity[k] - RATE * gradient[k] / BATCH;
      weights[k] += velocity[k];
    }
  }

  private void addGradient(double[] gradient, float[] values, int offset, int label) {
    double[] p = new double[CLASSES];
    double sum = 0;
    for (int c = 0; c < CLASSES; c++) {
      double logit = 0;
      for (int j = 0; j < FEATURES; j++) {
        logit += weights[c * FEATURES + j] * values[offset + j];
      }
      p[c] = StrictMath.exp(Math.min(logit, 500));
      sum += p[c];
    }
    for (int c = 0; c < CLASSES; c++) {
      double error = p[c] / sum - (c == label ? 1 : 0);
      for (int j = 0; j < FEATURES; j++) {
        gradient[c * FEATURES + j] += error * values[offset + j];
      }
    }
  }

  @Override
  public byte[] save() {
    return new BodyWriter()
        .wholeNumber(steps)
        .numbers(weights)
        .numbers(velocity)
        .bytes(memory.save())
        .array(Optional.ofNullable(pending))
        .toBytes();
  }

  @Override
  public void restore(byte[] state) {
    BodyReader in = new BodyReader(state);
    long savedSteps = in.wholeNumber();
    double[] savedWeights = in.numbers();
    double[] savedVelocity = in.numbers();
    byte[] savedMemory = in.bytes();
    FloatArray savedPending = in.array().orElse(null);
    memory.restore(savedMemory);
    System.arraycopy(savedWeights, 0, weights, 0, weights.length);
    System.arraycopy(savedVelocity, 0, velocity, 0, velocity.length);
    steps = savedSteps;
    pending = savedPending;
  }
}

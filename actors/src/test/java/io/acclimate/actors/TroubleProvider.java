package io.acclimate.actors;

import io.acclimate.runtime.method.MethodDescriptor;
import io.acclimate.runtime.method.MethodKind;
import io.acclimate.runtime.settings.SettingsReader;
import io.acclimate.runtime.state.StateReader;
import io.acclimate.runtime.state.StateWriter;
import io.acclimate.tta.CorrectorFactory;
import io.acclimate.tta.CorrectorProvider;
import io.acclimate.tta.OutputBatch;
import io.acclimate.tta.OutputCorrector;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A method that counts its batches in the first probability and makes trouble on demand: the first
 * feature of a batch says which.
 */
public final class TroubleProvider implements CorrectorProvider {
  static final float THROW = 1001;
  static final float ANSWER_NAN = 1002;
  static final float WAIT = 1003;

  /** From here on the state cannot be saved. */
  static final float UNSAVABLE = 1004;

  /** The memory cannot be freed without an error. */
  static final float UNCLOSABLE = 1005;

  /** Throws, and cannot be replaced by a new one: the stream's agent fails. */
  public static final float BREAK = 1006;

  /** Throws what is no exception. */
  static final float OVERFLOW = 1007;

  /** How many methods are open. */
  static final AtomicInteger OPEN = new AtomicInteger();

  static volatile CountDownLatch gate = new CountDownLatch(0);

  /** Opens when a batch waits at the gate. */
  static volatile CountDownLatch arrived = new CountDownLatch(0);

  @Override
  public MethodDescriptor descriptor() {
    return new MethodDescriptor(
        "trouble", MethodKind.OUTPUT_CORRECTOR, "For tests.", "", true, false);
  }

  @Override
  public CorrectorFactory read(SettingsReader settings) {
    return context -> new Trouble();
  }

  private static final class Trouble implements OutputCorrector {
    private int seen;
    private boolean unsavable;
    private boolean unclosable;

    Trouble() {
      OPEN.incrementAndGet();
    }

    @Override
    public void adapt(OutputBatch batch) {
      double order = batch.features()[0];
      unclosable |= order == BREAK;
      if (order == BREAK) {
        throw new IllegalStateException("told to break");
      }
      if (order == OVERFLOW) {
        throw new StackOverflowError("told to overflow");
      }
      if (order == THROW) {
        throw new IllegalStateException("told to throw");
      }
      if (order == WAIT) {
        arrived.countDown();
        await(gate);
      }
      unsavable |= order == UNSAVABLE;
      unclosable |= order == UNCLOSABLE;
      seen++;
    }

    @Override
    public void predict(OutputBatch batch, double[] probabilities) {
      double first = batch.features()[0] == ANSWER_NAN ? Double.NaN : seen / 100.0;
      Arrays.fill(probabilities, 0, batch.size() * batch.classes(), 0);
      for (int i = 0; i < batch.size(); i++) {
        probabilities[i * batch.classes()] = first;
        probabilities[i * batch.classes() + 1] = 1 - first;
      }
    }

    @Override
    public void reset() {
      seen = 0;
    }

    @Override
    public void save(StateWriter out) {
      if (unsavable) {
        throw new IllegalStateException("told not to be saved");
      }
      out.putInt("seen", seen);
    }

    @Override
    public void load(StateReader in) {
      seen = in.getInt("seen");
    }

    @Override
    public void close() {
      OPEN.decrementAndGet();
      if (unclosable) {
        throw new IllegalStateException("told not to be closed");
      }
    }
  }

  /** Waits, as a call that takes its time. */
  static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

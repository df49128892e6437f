package io.acclimate.simulators.cli;

import io.acclimate.simulators.run.StoppedException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jline.utils.Signals;

/**
 * Ctrl-C and SIGTERM as something that long work waits for or asks about. The process does not end
 * under the feet of threads that are inside of native code: the work ends where it can, and the
 * command returns. Thread-safe.
 */
final class StopSignal implements BooleanSupplier {
  private final CountDownLatch given = new CountDownLatch(1);

  private StopSignal() {}

  /** From here on the signals no longer end the process. */
  static StopSignal listen() {
    StopSignal stop = new StopSignal();
    Signals.register("INT", stop.given::countDown);
    Signals.register("TERM", stop.given::countDown);
    return stop;
  }

  /** Whether the work is to stop. */
  @Override
  public boolean getAsBoolean() {
    return given.getCount() == 0;
  }

  /** Waits until the work is to stop. */
  void await() throws InterruptedException {
    given.await();
  }

  /** Waits for so long; whether the work is to stop. */
  boolean await(long millis) throws InterruptedException {
    return given.await(millis, TimeUnit.MILLISECONDS);
  }

  /**
   * Ends work that comes by here and has no result yet.
   *
   * @throws StoppedException when it is to stop
   */
  void check() {
    if (getAsBoolean()) {
      throw new StoppedException();
    }
  }
}

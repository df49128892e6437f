package io.acclimate.actors.serve;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.util.thread.Scheduler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes connections whose client takes too long for the head of a request, byte by byte: such a
 * connection is never silent, so no idle timeout ends it. Thread-safe.
 */
final class SlowHeads implements Connection.Listener {
  private static final Logger LOG = LoggerFactory.getLogger(SlowHeads.class);
  private static final int LOOKS = 4;

  private final Scheduler scheduler;
  private final long limitNanos;
  private final Map<Connection, Progress> open = new ConcurrentHashMap<>();
  private volatile boolean stopped;

  /** Where a connection stood when its last request was seen. */
  private record Progress(long requests, long bytes, long sinceNanos) {}

  SlowHeads(Scheduler scheduler, Duration limit) {
    this.scheduler = scheduler;
    this.limitNanos = limit.toNanos();
  }

  void start() {
    scheduler.schedule(this::look, limitNanos / LOOKS, TimeUnit.NANOSECONDS);
  }

  void stop() {
    stopped = true;
  }

  @Override
  public void onOpened(Connection connection) {
    open.put(connection, new Progress(0, 0, System.nanoTime()));
  }

  @Override
  public void onClosed(Connection connection) {
    open.remove(connection);
  }

  private void look() {
    long now = System.nanoTime();
    open.forEach((connection, before) -> look(connection, before, now));
    if (!stopped) {
      start();
    }
  }

  private void look(Connection connection, Progress before, long now) {
    long requests = connection.getMessagesIn();
    boolean underWay = requests > connection.getMessagesOut();
    boolean begun = connection.getBytesIn() > before.bytes();
    if (requests != before.requests() || underWay || !begun) {
      open.replace(connection, before, new Progress(requests, connection.getBytesIn(), now));
    } else if (now - before.sinceNanos() > limitNanos) {
      LOG.warn(
          "refused {}: it took too long for the head of a request",
          connection.getEndPoint().getRemoteSocketAddress());
      connection.getEndPoint().close(new TimeoutException("the head of a request is too slow"));
    }
  }
}

package io.acclimate.actors.serve;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;
import org.eclipse.jetty.util.Callback;

/**
 * One client of the event stream. Messages wait in a short queue while it reads; a client that does
 * not keep up is dropped. Thread-safe.
 */
final class Watcher implements Callback {
  private static final int MAX_WAITING = 8;

  private final Client client;
  private final Consumer<Watcher> onEnd;
  private final Deque<byte[]> waiting = new ArrayDeque<>();
  private boolean writing;
  private boolean ended;
  private boolean dropped;

  /** The other side. */
  interface Client {
    /** Writes without waiting; the callback hears of the end. */
    void write(boolean last, ByteBuffer bytes, Callback callback);

    /** Cuts the connection; a write under way fails by it. */
    void drop();

    /** The request is over because its connection is. */
    void end(Throwable cause);
  }

  Watcher(Client client, Consumer<Watcher> onEnd) {
    this.client = client;
    this.onEnd = onEnd;
  }

  /** Sends a message now or after those that wait. */
  void send(byte[] message) {
    boolean slow;
    synchronized (this) {
      if (ended || dropped) {
        return;
      }
      slow = waiting.size() >= MAX_WAITING;
      dropped = slow;
      if (!slow) {
        waiting.add(message);
      }
    }
    if (slow) {
      client.drop();
    } else {
      writeNext();
    }
  }

  private void writeNext() {
    byte[] message;
    synchronized (this) {
      if (writing || ended || waiting.isEmpty()) {
        return;
      }
      message = waiting.remove();
      writing = true;
    }
    client.write(false, ByteBuffer.wrap(message), this);
  }

  @Override
  public void succeeded() {
    synchronized (this) {
      writing = false;
    }
    writeNext();
  }

  /** The client has gone. */
  @Override
  public void failed(Throwable cause) {
    if (end()) {
      client.end(cause);
    }
  }

  /** Ends the event stream as it should be; one that is not read is cut. */
  void close() {
    boolean stuck;
    synchronized (this) {
      stuck = writing;
    }
    if (stuck) {
      client.drop();
    } else if (end()) {
      client.write(true, ByteBuffer.allocate(0), Callback.NOOP);
    }
  }

  private boolean end() {
    synchronized (this) {
      if (ended) {
        return false;
      }
      ended = true;
      waiting.clear();
    }
    onEnd.accept(this);
    return true;
  }
}

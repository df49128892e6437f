package io.acclimate.runtime.testing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;

/**
 * Ports that nobody listens on. They are below those that systems give to outgoing connections and
 * to listeners that name none, so nobody takes them by chance until they are used.
 */
public final class FreePorts {
  private static final int FIRST = 10_000;
  private static final int COUNT = 20_000;

  /** Far from where other processes begin to look. */
  private static int next = (int) (ProcessHandle.current().pid() * 7919 % COUNT);

  private FreePorts() {}

  /** A free port. */
  public static int one() {
    return some(1).get(0);
  }

  /**
   * Free ports, all different, and none that this process was given before.
   *
   * @param count how many
   */
  public static synchronized List<Integer> some(int count) {
    List<Integer> ports = new ArrayList<>();
    for (int looks = 0; ports.size() < count; looks++) {
      if (looks == COUNT) {
        throw new IllegalStateException("no port from %d on is free".formatted(FIRST));
      }
      int port = FIRST + next;
      next = (next + 1) % COUNT;
      if (isFree(port)) {
        ports.add(port);
      }
    }
    return ports;
  }

  private static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      return socket.isBound();
    } catch (IOException taken) {
      return false;
    }
  }
}

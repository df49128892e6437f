package io.acclimate.runtime;

import ai.onnxruntime.OrtSession;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Sessions of ONNX Runtime that several owners share: graphs of equal bytes and options run in one,
 * which has the weights, the memory of intermediate values and the threads once. It is opened for
 * the first owner and closed with the last one. A session has no state of its own between two
 * calls, so results have the same bits as those of a session for each.
 *
 * <p>Thread-safe; the owners may run at the same time.
 */
public final class SessionPool {
  private final Map<Key, Shared> sessions = new ConcurrentHashMap<>();

  private record Key(String sha256, ModelOptions options) {}

  /** Changed under the lock of its key only. */
  private static final class Shared {
    private final OrtSession session;
    private int owners;

    Shared(OrtSession session) {
      this.session = session;
    }
  }

  /**
   * Opens a graph, or joins those that have it open.
   *
   * @param name what errors call it
   * @param model an ONNX file's bytes
   * @return handles of its own on the session; belongs to one thread, to be closed by it
   * @throws AcclimateException when ONNX Runtime refuses it, or the device cannot be used
   */
  public GraphSession open(String name, byte[] model, ModelOptions options) {
    Key key = new Key(ContentHash.sha256(model), options);
    Shared joined =
        sessions.compute(
            key,
            (absent, present) -> {
              Shared shared =
                  present == null
                      ? new Shared(OrtSessions.open(name, model, options).session())
                      : present;
              shared.owners++;
              return shared;
            });
    return new GraphSession(name, joined.session, () -> release(name, key));
  }

  private void release(String name, Key key) {
    sessions.computeIfPresent(
        key,
        (known, shared) -> {
          shared.owners--;
          if (shared.owners > 0) {
            return shared;
          }
          OrtSessions.close(name, shared.session);
          return null;
        });
  }

  /** How many sessions are open. */
  public int size() {
    return sessions.size();
  }

  @Override
  public String toString() {
    return size() + " sessions";
  }
}

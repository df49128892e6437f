package io.acclimate.actors.cluster;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The last answer to each caller, so that a call that is sent again is answered and not done again.
 * Not thread-safe.
 *
 * @param byCaller the callers, the one that has been silent longest first
 */
record KeptAnswers(LinkedHashMap<String, Kept> byCaller) implements ClusterMessage {
  /** Callers beyond this many are forgotten, the one that has been silent longest first. */
  private static final int MAX_CALLERS = 64;

  /** An answer and the number of its call. */
  record Kept(long number, StreamReply reply) {}

  KeptAnswers() {
    this(new LinkedHashMap<>());
  }

  /** The number of the caller's last call; 0 when none is known. */
  long last(String caller) {
    Kept kept = byCaller.get(caller);
    return kept == null ? 0 : kept.number();
  }

  /** The answer to the caller's last call. */
  StreamReply reply(String caller) {
    return byCaller.get(caller).reply();
  }

  void keep(StreamCall call, StreamReply reply) {
    byCaller.remove(call.caller());
    byCaller.put(call.caller(), new Kept(call.number(), reply));
    if (byCaller.size() > MAX_CALLERS) {
      Map.Entry<String, Kept> oldest = byCaller.entrySet().iterator().next();
      byCaller.remove(oldest.getKey());
    }
  }
}

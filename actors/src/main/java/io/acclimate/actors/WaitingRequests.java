package io.acclimate.actors;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Requests that wait for the model. Streams take turns: a stream with many requests gets no more
 * than one of them into a round. Not thread-safe.
 */
final class WaitingRequests {
  private final Map<Object, Deque<ModelServer.Infer>> byStream = new LinkedHashMap<>();
  private int rows;

  void add(Object stream, ModelServer.Infer message) {
    byStream.computeIfAbsent(stream, key -> new ArrayDeque<>(1)).addLast(message);
    rows += message.request().size();
  }

  boolean isEmpty() {
    return byStream.isEmpty();
  }

  /** Rows of all that wait. */
  int rows() {
    return rows;
  }

  /** The stream whose turn it is: its oldest request. */
  ModelServer.Infer first() {
    return byStream.values().iterator().next().peekFirst();
  }

  /** Takes the first request, and others like it while they fit together. */
  List<ModelServer.Infer> take(int most) {
    List<ModelServer.Infer> taken = new ArrayList<>();
    ModelServer.Infer next = first();
    long[] shape = next.request().input().shape();
    int total = 0;
    do {
      taken.add(removeFirst());
      total += next.request().size();
      next = isEmpty() ? null : first();
    } while (next != null
        && total + next.request().size() <= most
        && sameRows(shape, next.request().input().shape()));
    return taken;
  }

  private ModelServer.Infer removeFirst() {
    Iterator<Map.Entry<Object, Deque<ModelServer.Infer>>> entries = byStream.entrySet().iterator();
    Map.Entry<Object, Deque<ModelServer.Infer>> entry = entries.next();
    Object stream = entry.getKey();
    Deque<ModelServer.Infer> queue = entry.getValue();
    entries.remove();
    ModelServer.Infer first = queue.removeFirst();
    if (!queue.isEmpty()) {
      byStream.put(stream, queue);
    }
    rows -= first.request().size();
    return first;
  }

  private static boolean sameRows(long[] a, long[] b) {
    return Arrays.equals(a, 1, a.length, b, 1, b.length);
  }
}

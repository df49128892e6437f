package io.acclimate.runtime.graph;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** The names that a graph under construction must not give twice. */
final class GraphNames {
  private final Map<String, Integer> counters = new HashMap<>();
  private final Set<String> nodes = new HashSet<>();
  private final Set<String> reserved = new HashSet<>();

  /** Notes the name of a node. */
  void addNode(String name) {
    nodes.add(name);
  }

  /** Whether there is a node of this name. */
  boolean hasNode(String name) {
    return nodes.contains(name);
  }

  /** Keeps a name from being made up. */
  void reserve(String name) {
    reserved.add(name);
  }

  /**
   * Reserves the names that a name may be derived from. ONNX Runtime calls what it puts in the
   * place of a node after it, so a file that it rewrote must not get a node of the old name again.
   */
  void reserveStems(String derived) {
    for (int end = 1; end < derived.length(); end++) {
      char next = derived.charAt(end);
      if ((next == '_' || next == '/') && Character.isDigit(derived.charAt(end - 1))) {
        reserved.add(derived.substring(0, end));
      }
    }
  }

  /** A name that neither a value nor a node has, made from a hint. */
  String fresh(String hint, Set<String> values) {
    String candidate;
    do {
      candidate = hint + "." + counters.merge(hint, 1, Integer::sum);
    } while (values.contains(candidate)
        || nodes.contains(candidate)
        || reserved.contains(candidate));
    return candidate;
  }
}

package io.acclimate.actors;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The listeners of one runtime; none of them can disturb it by throwing. Thread-safe. */
final class Listeners {
  private static final Logger LOG = LoggerFactory.getLogger(RuntimeListener.class);

  private final List<RuntimeListener> all = new CopyOnWriteArrayList<>();

  void add(RuntimeListener listener) {
    all.add(listener);
  }

  void remove(RuntimeListener listener) {
    all.remove(listener);
  }

  void tell(Consumer<RuntimeListener> event) {
    for (RuntimeListener listener : all) {
      try {
        event.accept(listener);
      } catch (RuntimeException | Error e) {
        LOG.warn("a listener failed", e);
      }
    }
  }
}

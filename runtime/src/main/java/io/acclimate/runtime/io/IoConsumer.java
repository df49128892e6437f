package io.acclimate.runtime.io;

import java.io.IOException;

/**
 * An action on a value that may fail with an {@link IOException}.
 *
 * @param <T> what it acts on
 */
@FunctionalInterface
public interface IoConsumer<T> {
  /** Acts on the value. */
  void accept(T value) throws IOException;
}

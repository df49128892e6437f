package io.acclimate.runtime.state;

import io.acclimate.runtime.AcclimateException;

/**
 * An object whose state can be saved and put back, bit for bit.
 *
 * <p>After {@code load} of what {@code save} wrote, an object that was made with the same settings
 * behaves exactly as the saved one: equal inputs give equal bits. {@link State#of} and {@link
 * State#restore} call both; {@code restore} also guarantees that a state that does not fit changes
 * nothing.
 */
public interface Stateful {
  /** Writes everything that later calls depend on; changes nothing. */
  void save(StateWriter out);

  /**
   * Takes over what {@link #save} wrote, and reads every entry of it.
   *
   * @throws AcclimateException when an entry is missing, of another type or of another size; the
   *     message names its key
   */
  void load(StateReader in);
}

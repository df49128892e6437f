package io.acclimate.actors;

import java.util.Optional;

/**
 * What of adapters is saved with a stream.
 *
 * @param chosen the text of the choice that somebody has made for the stream; empty where nobody
 *     has
 * @param learned the adapter whose outputs the method has learned from, as {@code name@version};
 *     empty for the frozen model, and where nothing is learned
 */
record AdapterUse(String chosen, String learned) {
  static final AdapterUse NONE = new AdapterUse("", "");

  AdapterUse withChosen(AdapterChoice choice) {
    return new AdapterUse(choice.text(), learned);
  }

  AdapterUse withLearned(String adapter) {
    return new AdapterUse(chosen, adapter);
  }

  /** The choice that somebody has made. */
  Optional<AdapterChoice> choice() {
    return chosen.isEmpty() ? Optional.empty() : Optional.of(AdapterChoice.parse(chosen));
  }
}

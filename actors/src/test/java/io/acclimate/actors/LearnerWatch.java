package io.acclimate.actors;

import io.acclimate.actors.learn.LearnerEvent;
import java.util.function.Consumer;

/**
 * Hears one kind of what a learner does.
 *
 * @param told is called by the learner's thread
 */
record LearnerWatch<E extends LearnerEvent>(Class<E> kind, Consumer<E> told)
    implements RuntimeListener {
  @Override
  public void learner(LearnerEvent event) {
    if (kind.isInstance(event)) {
      told.accept(kind.cast(event));
    }
  }
}

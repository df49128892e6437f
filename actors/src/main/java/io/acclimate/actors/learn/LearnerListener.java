package io.acclimate.actors.learn;

/** Hears what a background learner does, on the learner's thread; must return soon. */
@FunctionalInterface
public interface LearnerListener {
  /** A listener that does nothing. */
  LearnerListener NONE = event -> {};

  /** Something happened. What it throws is logged and otherwise ignored. */
  void on(LearnerEvent event);
}

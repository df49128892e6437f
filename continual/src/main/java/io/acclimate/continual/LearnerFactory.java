package io.acclimate.continual;

/** Makes new learners with settings that were read before. Stateless, safe for all threads. */
@FunctionalInterface
public interface LearnerFactory {
  /**
   * Makes a learner.
   *
   * @throws io.acclimate.runtime.AcclimateException when the model does not fit the method
   */
  ContinualLearner create(LearnerContext context);
}

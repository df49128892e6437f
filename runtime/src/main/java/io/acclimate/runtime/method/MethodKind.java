package io.acclimate.runtime.method;

/** What a method changes. */
public enum MethodKind {
  /** Nothing: a baseline or a ceiling that every report shows beside the methods. */
  CONTROL,
  /** The model's output; forward passes only. */
  OUTPUT_CORRECTOR,
  /** Parameters or the input of the model, by a loss without labels. */
  TEST_TIME_ADAPTER,
  /** Which adapter a sample is run under. */
  RETRIEVAL,
  /** The model itself: parameters and a forward sub-graph at some of its sites. */
  PET_MODULE,
  /** Parameters of the model, task after task, from labelled samples. */
  CONTINUAL_LEARNER
}

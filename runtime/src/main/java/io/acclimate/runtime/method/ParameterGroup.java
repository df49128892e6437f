package io.acclimate.runtime.method;

/** Which parameters of the model a method changes while the stream runs. */
public enum ParameterGroup {
  /** None: only the output is corrected. */
  NONE,
  /** Something added to the input, such as a prompt. */
  INPUT,
  /** Scale and shift of normalisation layers. */
  NORM_AFFINE,
  /** The values of adapters. */
  ADAPTERS,
  /** All of them. */
  ALL
}

package io.acclimate.runtime.method;

/** How a method runs the model itself, beside the frozen model's own answer. */
public enum ModelNeed {
  /** Not at all: it sees what the frozen model has answered. */
  NONE,
  /** By forward passes only, which any ONNX file has. */
  FORWARDS,
  /** By backward passes too, so the model's graph has to be read and differentiated. */
  GRADIENTS
}

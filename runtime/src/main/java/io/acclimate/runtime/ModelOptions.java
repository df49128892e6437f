package io.acclimate.runtime;

/**
 * How a model is opened.
 *
 * @param device where it runs
 * @param threads threads inside one call, 0 for ONNX Runtime's choice (one per core); with 1 the
 *     result is the same on machines with different core counts
 */
public record ModelOptions(Device device, int threads) {
  /** {@link Device#AUTO} with ONNX Runtime's choice of threads. */
  public static final ModelOptions DEFAULT = new ModelOptions(Device.AUTO, 0);

  /** Checks the ranges. */
  public ModelOptions {
    if (threads < 0 || threads > 1024) {
      throw new AcclimateException("threads: expected 0 to 1024, found " + threads);
    }
  }

  /** The same options on another device. */
  public ModelOptions onDevice(Device other) {
    return new ModelOptions(other, threads);
  }
}

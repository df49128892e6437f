package io.acclimate.simulators.run;

import java.util.Map;

/** Follows a simulation; called by the thread that runs it. */
public interface ProgressListener {
  /** Hears nothing. */
  ProgressListener NONE =
      new ProgressListener() {
        @Override
        public void planned(long samples) {
          // not interested
        }

        @Override
        public void advanced(String run, int samples, Map<String, Double> accuracy) {
          // not interested
        }
      };

  /** Says how many samples all streams together have. */
  void planned(long samples);

  /**
   * Says that one batch was answered by every method.
   *
   * @param run the regime and seed
   * @param samples samples of the batch
   * @param accuracy each method's accuracy on this stream so far, 0 to 1
   */
  void advanced(String run, int samples, Map<String, Double> accuracy);
}

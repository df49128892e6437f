package io.acclimate.simulators.corruption;

/** The arithmetic of a corruption, apart from where its numbers and its draws come from. */
@FunctionalInterface
interface Effect {
  /**
   * Returns the corrupted image.
   *
   * @param parameters the columns of the corruption's row in {@link ParameterTable}
   * @param draws asked in the order in which the benchmark's generator makes its draws
   */
  Image apply(Image clean, double[] parameters, Draws draws);
}

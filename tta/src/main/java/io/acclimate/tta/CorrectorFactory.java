package io.acclimate.tta;

/** Makes new correctors with settings that were read before. Stateless, safe for all threads. */
@FunctionalInterface
public interface CorrectorFactory {
  /**
   * Makes a corrector for one stream.
   *
   * @throws io.acclimate.runtime.AcclimateException when the context lacks what the method needs,
   *     or settings do not fit it
   */
  OutputCorrector create(MethodContext context);
}

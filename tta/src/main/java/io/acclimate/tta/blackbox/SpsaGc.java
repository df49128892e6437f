package io.acclimate.tta.blackbox;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.state.StateReader;
import io.acclimate.runtime.state.StateWriter;
import io.acclimate.runtime.state.Stateful;
import java.util.Arrays;
import java.util.function.ToDoubleFunction;
import org.apache.commons.rng.UniformRandomProvider;

/**
 * Simultaneous perturbation with gradient correction: minimises a function from its values alone,
 * two of them for an estimate of the gradient at any number of weights.
 *
 * <p>Step k = 1, 2, ... has the rate a_k = a / (k + o)^alpha and the width c_k = c / k^gamma. With
 * perturbations D whose elements have random signs and sizes in [0.5, 1), the estimate g is the
 * mean of (L(w + c_k D) - L(w - c_k D)) / (2 c_k D), element by element; then m = b m + g, where
 * the first m is g, and w = w - a_k (g + b m). With b = 0 it is plain SPSA. Oh et al., BlackVIP,
 * CVPR 2023, arXiv 2303.14773; Spall, IEEE TAC 37(3), 1992.
 *
 * <p>Not thread-safe. The same seeds and losses give the same bits.
 */
public final class SpsaGc implements Stateful {
  private final SpsaGcSettings settings;
  private final Perturbations perturbations;
  private final double[] weights;
  private final double[] momentum;
  private final double[] gradient;
  private final double[] perturbation;
  private final double[] probe;
  private int steps;

  /** Where perturbations come from. */
  @FunctionalInterface
  public interface Perturbations {
    /**
     * Draws one.
     *
     * @param step the step, from 1
     * @param average which of the step's perturbations, from 0
     * @param target receives {@code [weights]}, no element 0
     */
    void draw(int step, int average, double[] target);
  }

  /**
   * Creates an optimiser.
   *
   * @param start the first weights, copied
   */
  public SpsaGc(double[] start, SpsaGcSettings settings, Perturbations perturbations) {
    this.settings = settings;
    this.perturbations = perturbations;
    weights = start.clone();
    momentum = new double[start.length];
    gradient = new double[start.length];
    perturbation = new double[start.length];
    probe = new double[start.length];
  }

  /** Perturbations of random sign whose size is uniform in [0.5, 1). */
  public static Perturbations segmentedUniform(SeedTree seeds) {
    return (step, average, target) -> {
      UniformRandomProvider random = seeds.child(step).child(average).generator();
      for (int i = 0; i < target.length; i++) {
        double size = 0.5 + 0.5 * random.nextDouble();
        target[i] = random.nextBoolean() ? size : -size;
      }
    };
  }

  /**
   * Takes one step.
   *
   * @param loss the function, called twice for each perturbation; the array it is given is used
   *     again
   * @return the mean of all losses seen
   * @throws AcclimateException when a loss is not finite; nothing has changed then
   */
  public double step(ToDoubleFunction<double[]> loss) {
    int step = steps + 1;
    double width = settings.width() / Math.pow(step, settings.widthDecay());
    double mean = estimate(loss, step, width);
    double rate = settings.rate() / Math.pow(step + settings.offset(), settings.rateDecay());
    for (int i = 0; i < weights.length; i++) {
      momentum[i] = step == 1 ? gradient[i] : settings.momentum() * momentum[i] + gradient[i];
      weights[i] -= rate * (gradient[i] + settings.momentum() * momentum[i]);
    }
    steps = step;
    return mean;
  }

  private double estimate(ToDoubleFunction<double[]> loss, int step, double width) {
    Arrays.fill(gradient, 0);
    int averages = settings.averages();
    double sum = 0;
    for (int average = 0; average < averages; average++) {
      perturbations.draw(step, average, perturbation);
      double above = probe(loss, width);
      double below = probe(loss, -width);
      if (!Double.isFinite(above + below)) {
        throw new AcclimateException(
            "SPSA-GC, step %d: expected finite losses, found %s and %s"
                .formatted(step, above, below));
      }
      for (int i = 0; i < weights.length; i++) {
        gradient[i] += (above - below) / (2 * width * perturbation[i]) / averages;
      }
      sum += above + below;
    }
    return sum / (2 * averages);
  }

  private double probe(ToDoubleFunction<double[]> loss, double width) {
    for (int i = 0; i < weights.length; i++) {
      probe[i] = weights[i] + width * perturbation[i];
    }
    return loss.applyAsDouble(probe);
  }

  /** The weights, {@code [weights]}; a copy. */
  public double[] weights() {
    return weights.clone();
  }

  @Override
  public void save(StateWriter out) {
    out.putInt("steps", steps);
    out.putDoubles("weights", weights);
    out.putDoubles("momentum", momentum);
  }

  @Override
  public void load(StateReader in) {
    int loadedSteps = in.getInt("steps");
    double[] loadedWeights = in.getDoubles("weights", weights.length);
    double[] loadedMomentum = in.getDoubles("momentum", momentum.length);
    steps = loadedSteps;
    System.arraycopy(loadedWeights, 0, weights, 0, weights.length);
    System.arraycopy(loadedMomentum, 0, momentum, 0, momentum.length);
  }
}

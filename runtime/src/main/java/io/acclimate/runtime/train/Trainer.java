package io.acclimate.runtime.train;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.state.StateReader;
import io.acclimate.runtime.state.StateWriter;
import io.acclimate.runtime.state.Stateful;
import java.util.Map;

/**
 * Trains a set of parameters: gradients from a {@link TrainableModel}, steps from an {@link
 * Optimizer}, a schedule, clipping, and the mean over several batches where memory is short.
 *
 * <p>Its state (parameters, moments, position) can be saved and goes on bit for bit. Not
 * thread-safe.
 */
public final class Trainer implements Stateful {
  private final TrainableModel model;
  private final ParameterSet parameters;
  private final Optimizer optimizer;
  private final Plan plan;
  private final ParameterSet accumulated;
  private int pending;
  private long steps;
  private long refused;

  /**
   * How training goes over time.
   *
   * @param rate the base learning rate, at least 0
   * @param schedule its factor over time
   * @param totalSteps the steps of the whole training, for the schedule; at least 1
   * @param clipNorm the largest Euclidean norm of the gradient, longer ones are shortened; infinite
   *     for none
   * @param accumulation batches whose gradients are averaged for one step, at least 1
   */
  public record Plan(
      double rate, Schedule schedule, long totalSteps, double clipNorm, int accumulation) {
    /** Checks the ranges. */
    public Plan {
      if (!(rate >= 0) || totalSteps < 1 || !(clipNorm > 0) || accumulation < 1) {
        throw new AcclimateException(
            "training: expected rate from 0, steps from 1, clip norm above 0, accumulation from 1;"
                + " found %s, %d, %s, %d".formatted(rate, totalSteps, clipNorm, accumulation));
      }
    }

    /** A constant rate without clipping or accumulation. */
    public static Plan constant(double rate) {
      return new Plan(rate, Schedule.CONSTANT, 1, Double.POSITIVE_INFINITY, 1);
    }
  }

  /**
   * What one batch did.
   *
   * @param loss the loss before the step
   * @param gradientNorm the norm of the gradient before clipping; 0 while gradients accumulate
   * @param applied whether the parameters changed
   * @param refusal why a batch was refused, {@code ""} when it was not
   */
  public record StepReport(double loss, double gradientNorm, boolean applied, String refusal) {}

  /** A term of the loss whose gradient is computed outside of the graph. */
  @FunctionalInterface
  public interface Penalty {
    /**
     * Adds the term's gradient.
     *
     * @param parameters the values
     * @param gradients those of the loss, to which the term's are added
     * @param loss that of the graph
     * @return the term's value
     */
    double add(ParameterSet parameters, ParameterSet gradients, double loss);
  }

  /** A trainer of these parameters, which it changes in place. */
  public Trainer(TrainableModel model, ParameterSet parameters, Optimizer optimizer, Plan plan) {
    this.model = model;
    this.parameters = parameters;
    this.optimizer = optimizer;
    this.plan = plan;
    this.accumulated = model.newParameters();
  }

  /**
   * Learns one batch. A loss or gradient that is not finite is refused: nothing changes, and the
   * report says so.
   *
   * @param data the model's inputs that are no parameters
   */
  public StepReport step(Map<String, Tensor> data) {
    double loss = model.backward(parameters, data);
    return isRefused(loss) ? refuse(loss) : apply(loss);
  }

  /**
   * Learns one batch with a further term of the loss, in the same way.
   *
   * @param data the model's inputs that are no parameters
   * @param penalty asked only when the graph's loss and gradient are finite
   */
  public StepReport step(Map<String, Tensor> data, Penalty penalty) {
    double loss = model.backward(parameters, data);
    if (isRefused(loss)) {
      return refuse(loss);
    }
    loss += penalty.add(parameters, model.gradients(), loss);
    return isRefused(loss) ? refuse(loss) : apply(loss);
  }

  private boolean isRefused(double loss) {
    return !Double.isFinite(loss) || !model.gradients().isFinite();
  }

  private StepReport refuse(double loss) {
    refused++;
    String what = Double.isFinite(loss) ? "a gradient that is not finite" : "loss " + loss;
    return new StepReport(loss, 0, false, "step refused: " + what);
  }

  private StepReport apply(double loss) {
    ParameterSet gradients = model.gradients();
    if (plan.accumulation() > 1) {
      accumulated.add(1.0 / plan.accumulation(), gradients);
      if (++pending < plan.accumulation()) {
        return new StepReport(loss, 0, false, "");
      }
      gradients = accumulated;
    }
    double norm = gradients.norm();
    if (norm > plan.clipNorm()) {
      gradients.scale(plan.clipNorm() / norm);
    }
    optimizer.step(
        parameters, gradients, plan.rate() * plan.schedule().factor(steps, plan.totalSteps()));
    steps++;
    if (pending > 0) {
      pending = 0;
      accumulated.clear();
    }
    return new StepReport(loss, norm, true, "");
  }

  /** The parameters, as they are now. */
  public ParameterSet parameters() {
    return parameters;
  }

  /** The steps made so far. */
  public long steps() {
    return steps;
  }

  /** The batches refused so far because a number was not finite. */
  public long refused() {
    return refused;
  }

  @Override
  public void save(StateWriter out) {
    out.put("parameters", parameters);
    out.put("optimizer", optimizer);
    out.put("accumulated", accumulated);
    out.putInt("pending", pending);
    out.putLong("steps", steps);
    out.putLong("refused", refused);
  }

  @Override
  public void load(StateReader in) {
    in.get("parameters", parameters);
    in.get("optimizer", optimizer);
    in.get("accumulated", accumulated);
    pending = in.getInt("pending");
    steps = in.getLong("steps");
    refused = in.getLong("refused");
  }
}

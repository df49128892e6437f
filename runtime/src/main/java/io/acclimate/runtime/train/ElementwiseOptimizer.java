package io.acclimate.runtime.train;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.state.StateReader;
import io.acclimate.runtime.state.StateWriter;

/** What optimisers share that treat every value by itself: groups, moments, the step counter. */
abstract class ElementwiseOptimizer implements Optimizer {
  private static final int BLOCK = 4096;

  private final ParameterGroups groups;
  private final int momentCount;
  private final double[] values = new double[BLOCK];
  private final double[] slopes = new double[BLOCK];
  private double[][] moments;
  private long[] stepsOfParameter = new long[0];
  private long steps;

  ElementwiseOptimizer(ParameterGroups groups, int momentCount) {
    this.groups = groups;
    this.momentCount = momentCount;
    this.moments = new double[momentCount][0];
  }

  @Override
  public final void step(ParameterSet parameters, ParameterSet gradients, double rate) {
    if (stepsOfParameter.length == 0) {
      moments = new double[momentCount][parameters.size()];
      stepsOfParameter = new long[parameters.types().size()];
    }
    requireFit(parameters);
    steps++;
    int index = 0;
    for (String name : parameters.types().keySet()) {
      ParameterGroups.Group group = groups.of(name);
      if (group.trainable()) {
        stepsOfParameter[index]++;
        step(parameters, gradients, name, new Step(stepsOfParameter[index], rate, group));
      }
      index++;
    }
  }

  private void requireFit(ParameterSet parameters) {
    boolean fits = stepsOfParameter.length == parameters.types().size();
    if (!fits || momentCount > 0 && moments[0].length != parameters.size()) {
      throw new AcclimateException(
          "the optimiser's moments belong to other parameters than " + parameters);
    }
  }

  /** What one step of one parameter is made with: its number from 1, the rate, the decay. */
  record Step(long number, double rate, double decay) {
    Step(long number, double rate, ParameterGroups.Group group) {
      this(number, rate * group.rateFactor(), group.weightDecay());
    }
  }

  private void step(ParameterSet parameters, ParameterSet gradients, String name, Step step) {
    int end = parameters.start(name) + parameters.size(name);
    for (int start = parameters.start(name); start < end; start += BLOCK) {
      int count = Math.min(BLOCK, end - start);
      parameters.read(start, values, count);
      gradients.read(start, slopes, count);
      update(values, slopes, count, moments, start, step);
      parameters.write(start, values, count);
    }
  }

  /**
   * Changes a run of values.
   *
   * @param first where the run starts in the moments
   * @param step the parameter's own step: frozen parameters do not count
   */
  abstract void update(
      double[] values, double[] slopes, int count, double[][] moments, int first, Step step);

  @Override
  public final long steps() {
    return steps;
  }

  @Override
  public final void reset() {
    moments = new double[momentCount][0];
    stepsOfParameter = new long[0];
    steps = 0;
  }

  @Override
  public final void save(StateWriter out) {
    out.putLong("steps", steps);
    out.putLongs("stepsOfParameter", stepsOfParameter);
    for (int m = 0; m < momentCount; m++) {
      out.putDoubles("moment" + m, moments[m]);
    }
  }

  @Override
  public final void load(StateReader in) {
    long savedSteps = in.getLong("steps");
    long[] savedOfParameter = in.getLongs("stepsOfParameter");
    double[][] saved = new double[momentCount][];
    for (int m = 0; m < momentCount; m++) {
      saved[m] = in.getDoubles("moment" + m);
    }
    steps = savedSteps;
    stepsOfParameter = savedOfParameter;
    moments = saved;
  }
}

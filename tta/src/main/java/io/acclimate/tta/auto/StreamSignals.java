package io.acclimate.tta.auto;

import io.acclimate.runtime.Rows;
import io.acclimate.runtime.state.StateReader;
import io.acclimate.runtime.state.StateWriter;
import io.acclimate.runtime.state.Stateful;
import io.acclimate.tta.OutputBatch;
import io.acclimate.tta.labelshift.LabelShiftEm;
import io.acclimate.tta.labelshift.PriorEstimator;
import java.util.Arrays;

/**
 * What the frozen model's answers tell of a stream without labels.
 *
 * <p>Label distributions are estimated by expectation maximisation: that of the long run and,
 * around it, that of a batch. Two signals are likelihood ratios in units of what chance gives,
 * (classes - 1) / 2 nats, and one is a number of classes:
 *
 * <ul>
 *   <li>correlation: how much better its own label distribution explains a block of samples than
 *       that of the block before. Labels that come in runs raise it; i.i.d. labels do not, however
 *       unequal they are, nor does a model that favours a class throughout a domain.
 *   <li>classes in a batch: the exponential of the entropy of its label distribution.
 *   <li>shift: how much better the long run's label distribution before a block explains it than
 *       the source's. Labels whose distribution has moved raise it; a model that favours now one
 *       class, now another, from domain to domain, does not.
 * </ul>
 *
 * <p>Not thread-safe.
 */
final class StreamSignals implements Stateful {
  private static final int MAX_ITERATIONS = 50;

  private final double[] source;
  private final AutoSettings settings;
  private final LabelShiftEm longRun;
  private final PriorEstimator estimator;
  private final double chance;
  private final double[] ownPrior;
  private final double[] previousPrior;
  private final double[] longRunBefore;

  /** The samples since the last block was complete, {@code [filled, classes]}. */
  private final double[] block;

  private int filled;
  private long blocks;
  private double signalWeight;
  private double correlationSum;
  private double shiftSum;
  private double classesWeight;
  private double classesSum;
  private boolean correlated;

  StreamSignals(double[] source, AutoSettings settings) {
    this.source = source.clone();
    this.settings = settings;
    longRun = new LabelShiftEm(source, settings.longRun());
    estimator = new PriorEstimator(source.length);
    chance = (source.length - 1) / 2.0;
    ownPrior = new double[source.length];
    previousPrior = source.clone();
    longRunBefore = source.clone();
    block = new double[settings.blockSamples() * source.length];
  }

  /** Takes in what the frozen model said of a batch. */
  void add(OutputBatch batch) {
    longRun.adapt(batch);
    for (int i = 0; i < batch.size(); i++) {
      System.arraycopy(
          batch.probabilities(), i * source.length, block, filled * source.length, source.length);
      filled++;
      if (filled == settings.blockSamples()) {
        followBlock();
        filled = 0;
      }
    }
    if (batch.size() >= settings.minSamples()) {
      estimate(batch.probabilities(), batch.size(), ownPrior);
      double keep = Math.exp(-batch.size() / settings.memorySamples());
      classesWeight = keep * classesWeight + 1 - keep;
      classesSum = keep * classesSum + (1 - keep) * effectiveClasses(ownPrior);
    }
  }

  /** Compares a block's label distribution with that of the block before and of the long run. */
  private void followBlock() {
    estimate(block, filled, ownPrior);
    if (blocks > 0) {
      double keep = Math.exp(-filled / settings.memorySamples());
      signalWeight = keep * signalWeight + 1 - keep;
      correlationSum = keep * correlationSum + (1 - keep) * evidence(ownPrior, previousPrior);
      shiftSum = keep * shiftSum + (1 - keep) * evidence(longRunBefore, source);
      double level = correlated ? settings.uncorrelated() : settings.correlated();
      correlated = correlationSum / signalWeight >= level;
    }
    blocks++;
    System.arraycopy(ownPrior, 0, previousPrior, 0, source.length);
    System.arraycopy(longRun.prior(), 0, longRunBefore, 0, source.length);
  }

  /** How much better one label distribution explains the block than another, in chance's units. */
  private double evidence(double[] prior, double[] other) {
    return estimator.evidence(block, filled, source, prior, other) / chance;
  }

  /**
   * Estimates the label distribution of these samples around that of the long run.
   *
   * @param answers {@code [n, classes]}
   * @param prior receives the estimate, {@code [classes]}
   */
  void estimate(double[] answers, int n, double[] prior) {
    estimator.estimate(
        answers, n, source, longRun.prior(), settings.batchStrength(), MAX_ITERATIONS, prior);
  }

  /** Whether labels are taken to come in runs, and batches were large enough to tell. */
  boolean correlated() {
    return correlated && classesWeight > 0;
  }

  double correlation() {
    return mean(correlationSum, signalWeight);
  }

  double shift() {
    return mean(shiftSum, signalWeight);
  }

  double classesOfBatch() {
    return mean(classesSum, classesWeight);
  }

  double classesOfLongRun() {
    return effectiveClasses(longRun.prior());
  }

  /** The corrector that follows the label distribution in the long run. */
  LabelShiftEm longRun() {
    return longRun;
  }

  private static double effectiveClasses(double[] prior) {
    return Math.exp(Rows.entropy(prior, 0, prior.length));
  }

  private static double mean(double sum, double weight) {
    return weight == 0 ? 0 : sum / weight;
  }

  void reset() {
    longRun.reset();
    filled = 0;
    blocks = 0;
    signalWeight = 0;
    correlationSum = 0;
    shiftSum = 0;
    classesWeight = 0;
    classesSum = 0;
    correlated = false;
    System.arraycopy(source, 0, previousPrior, 0, source.length);
    System.arraycopy(source, 0, longRunBefore, 0, source.length);
  }

  @Override
  public void save(StateWriter out) {
    out.put("long-run", longRun);
    out.putDoubles(
        "signals",
        new double[] {signalWeight, correlationSum, shiftSum, classesWeight, classesSum});
    out.putInt("correlated", correlated ? 1 : 0);
    out.putLong("blocks", blocks);
    out.putDoubles("previous-prior", previousPrior);
    out.putDoubles("long-run-before", longRunBefore);
    out.putDoubles("block", Arrays.copyOf(block, filled * source.length));
  }

  @Override
  public void load(StateReader in) {
    in.get("long-run", longRun);
    double[] signals = in.getDoubles("signals", 5);
    signalWeight = signals[0];
    correlationSum = signals[1];
    shiftSum = signals[2];
    classesWeight = signals[3];
    classesSum = signals[4];
    correlated = in.getInt("correlated") != 0;
    blocks = in.getLong("blocks");
    double[] prior = in.getDoubles("previous-prior", source.length);
    System.arraycopy(prior, 0, previousPrior, 0, source.length);
    double[] before = in.getDoubles("long-run-before", source.length);
    System.arraycopy(before, 0, longRunBefore, 0, source.length);
    double[] samples = in.getDoubles("block");
    filled = samples.length / source.length;
    System.arraycopy(samples, 0, block, 0, samples.length);
  }
}

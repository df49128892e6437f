package io.acclimate.tta.auto;

import io.acclimate.runtime.state.StateReader;
import io.acclimate.runtime.state.StateWriter;
import io.acclimate.tta.OutputBatch;
import io.acclimate.tta.OutputCorrector;
import io.acclimate.tta.Rows;
import io.acclimate.tta.labelshift.ClassPriors;
import io.acclimate.tta.labelshift.LabelShiftEm;
import io.acclimate.tta.labelshift.PriorEstimator;
import io.acclimate.tta.lame.Lame;
import java.util.Arrays;
import java.util.Optional;

/**
 * The gate: decides from the stream itself, without labels, which corrector speaks.
 *
 * <p>Label distributions are estimated by expectation maximisation: that of the long run and,
 * around it, that of a batch. The signals are likelihood ratios in units of what chance gives,
 * (classes - 1) / 2 nats, and a number of classes:
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
 * <p>With correlation and few classes in a batch LAME speaks, on top of the batch's prior; with
 * correlation and clearly fewer classes than in the long run, the batch's prior alone. Else the
 * long run's prior speaks where there is a shift, and the frozen model where there is none. Every
 * choice is given with its reason. Not thread-safe.
 */
public final class AutoCorrector implements OutputCorrector {
  private static final int MAX_ITERATIONS = 50;

  private final double[] source;
  private final AutoSettings settings;
  private final LabelShiftEm longRun;
  private final Lame lame;
  private final PriorEstimator estimator;
  private final double chance;
  private final double[] batchPrior;
  private final double[] previousPrior;
  private final double[] longRunBefore;
  private double[] corrected = new double[0];

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

  /** Creates a gate for this source prior, {@code [classes]}. */
  public AutoCorrector(double[] source, AutoSettings settings) {
    this.source = source.clone();
    this.settings = settings;
    longRun = new LabelShiftEm(source, settings.longRun());
    lame = new Lame(settings.lame());
    estimator = new PriorEstimator(source.length);
    chance = (source.length - 1) / 2.0;
    batchPrior = new double[source.length];
    previousPrior = source.clone();
    longRunBefore = source.clone();
    block = new double[settings.blockSamples() * source.length];
  }

  /** The ways to answer. */
  private enum Way {
    FROZEN("frozen"),
    LONG_RUN("label-shift-em"),
    BATCH("label-shift-em of the batch"),
    NEIGHBOURS("lame");

    private final String text;

    Way(String text) {
      this.text = text;
    }
  }

  @Override
  public void predict(OutputBatch batch, double[] probabilities) {
    int count = batch.size() * batch.classes();
    Way way = batch.size() < settings.minSamples() ? longRunWay() : way();
    switch (way) {
      case FROZEN -> System.arraycopy(batch.probabilities(), 0, probabilities, 0, count);
      case LONG_RUN -> longRun.predict(batch, probabilities);
      case BATCH -> correctByBatch(batch, probabilities);
      case NEIGHBOURS -> {
        if (corrected.length != count) {
          corrected = new double[count];
        }
        correctByBatch(batch, corrected);
        lame.predict(batch.withProbabilities(corrected), probabilities);
      }
    }
  }

  private void correctByBatch(OutputBatch batch, double[] probabilities) {
    estimate(batch.probabilities(), batch.size());
    ClassPriors.correct(batch, source, batchPrior, probabilities);
  }

  /** Estimates the label distribution of these samples around that of the long run. */
  private void estimate(double[] answers, int n) {
    estimator.estimate(
        answers, n, source, longRun.prior(), settings.batchStrength(), MAX_ITERATIONS, batchPrior);
  }

  private Way way() {
    if (!correlated || classesWeight == 0) {
      return longRunWay();
    }
    double classes = classesSum / classesWeight;
    if (classes <= settings.fewClasses()) {
      return Way.NEIGHBOURS;
    }
    boolean concentrated = classes <= settings.concentrated() * effectiveClasses(longRun.prior());
    return concentrated ? Way.BATCH : longRunWay();
  }

  private Way longRunWay() {
    return mean(shiftSum, signalWeight) >= settings.shifted() ? Way.LONG_RUN : Way.FROZEN;
  }

  @Override
  public void adapt(OutputBatch batch) {
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
      estimate(batch.probabilities(), batch.size());
      double keep = Math.exp(-batch.size() / settings.memorySamples());
      classesWeight = keep * classesWeight + 1 - keep;
      classesSum = keep * classesSum + (1 - keep) * effectiveClasses(batchPrior);
    }
  }

  /** Compares a block's label distribution with that of the block before and of the long run. */
  private void followBlock() {
    estimate(block, filled);
    if (blocks > 0) {
      double keep = Math.exp(-filled / settings.memorySamples());
      signalWeight = keep * signalWeight + 1 - keep;
      correlationSum = keep * correlationSum + (1 - keep) * evidence(batchPrior, previousPrior);
      shiftSum = keep * shiftSum + (1 - keep) * evidence(longRunBefore, source);
      double level = correlated ? settings.uncorrelated() : settings.correlated();
      correlated = correlationSum / signalWeight >= level;
    }
    blocks++;
    System.arraycopy(batchPrior, 0, previousPrior, 0, source.length);
    System.arraycopy(longRun.prior(), 0, longRunBefore, 0, source.length);
  }

  /** How much better one label distribution explains the block than another, in chance's units. */
  private double evidence(double[] prior, double[] other) {
    return estimator.evidence(block, filled, source, prior, other) / chance;
  }

  private static double effectiveClasses(double[] prior) {
    return Math.exp(Rows.entropy(prior, 0, prior.length));
  }

  @Override
  public Optional<Choice> choice() {
    String reason =
        "correlation %.2f, %.1f classes in a batch, shift %.2f"
            .formatted(
                mean(correlationSum, signalWeight),
                mean(classesSum, classesWeight),
                mean(shiftSum, signalWeight));
    return Optional.of(new Choice(way().text, reason));
  }

  private static double mean(double sum, double weight) {
    return weight == 0 ? 0 : sum / weight;
  }

  @Override
  public void reset() {
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

  @Override
  public void close() {
    lame.close();
  }
}

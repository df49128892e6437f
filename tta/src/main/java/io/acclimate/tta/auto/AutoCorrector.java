package io.acclimate.tta.auto;

import io.acclimate.runtime.state.StateReader;
import io.acclimate.runtime.state.StateWriter;
import io.acclimate.tta.OutputBatch;
import io.acclimate.tta.OutputCorrector;
import io.acclimate.tta.Passes;
import io.acclimate.tta.Unchanged;
import io.acclimate.tta.labelshift.ClassPriors;
import io.acclimate.tta.lame.Lame;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The gate: decides from the stream itself, without labels, which corrector speaks, and whether on
 * the frozen model's answers or on those of a method that adapts the model.
 *
 * <p>With correlation and few classes in a batch (see {@link StreamSignals}) LAME speaks, on top of
 * the batch's prior; with correlation and clearly fewer classes than in the long run, the batch's
 * prior alone. Else the long run's prior speaks where there is a shift, and nothing where there is
 * none. Every choice is given with its reason.
 *
 * <p>On top of another method its answers take the place of the frozen model's in batches whose
 * features are far from the source's (see {@link FeatureShift}), and it learns from these alone;
 * but not where the label distribution has moved in the long run: a method that pulls features or
 * entropies to those of the source takes other labels for another domain there. The signals are
 * always taken from the frozen model. Not thread-safe.
 */
public final class AutoCorrector implements OutputCorrector {
  private final double[] source;
  private final AutoSettings settings;
  private final StreamSignals signals;
  private final Lame lame;
  private final double[] batchPrior;

  private final OutputCorrector base;
  private final String baseName;
  private final Optional<FeatureShift> featureShift;
  private double latestShift;
  private double[] baseAnswer = new double[0];
  private double[] corrected = new double[0];

  /** Creates a gate for this source prior, {@code [classes]}. */
  public AutoCorrector(double[] source, AutoSettings settings) {
    this(source, settings, new Unchanged(), "frozen", Optional.empty());
  }

  /**
   * Creates a gate on top of another method.
   *
   * @param source the label distribution of the source, {@code [classes]}
   * @param base the other method; it is the gate's from now on, which closes it
   * @param baseName the other method's name
   * @param featureShift what tells when the other method is asked; empty: always
   */
  AutoCorrector(
      double[] source,
      AutoSettings settings,
      OutputCorrector base,
      String baseName,
      Optional<FeatureShift> featureShift) {
    this.source = source.clone();
    this.settings = settings;
    this.base = base;
    this.baseName = baseName;
    this.featureShift = featureShift;
    signals = new StreamSignals(source, settings);
    lame = new Lame(settings.lame());
    batchPrior = new double[source.length];
  }

  /** The ways to answer. */
  private enum Way {
    NOTHING,
    LONG_RUN,
    BATCH,
    NEIGHBOURS
  }

  @Override
  public void predict(OutputBatch batch, double[] probabilities) {
    answer(batch, way(batch), far(shift(batch)), probabilities);
  }

  private void answer(OutputBatch batch, Way way, boolean asked, double[] probabilities) {
    if (way == Way.LONG_RUN) {
      signals.longRun().predict(batch, probabilities);
    } else if (asked) {
      base.predict(batch, baseAnswer(batch));
      correct(way, batch.withProbabilities(baseAnswer), probabilities);
    } else {
      correct(way, batch, probabilities);
    }
  }

  @Override
  public void adapt(OutputBatch batch) {
    latestShift = shift(batch);
    if (far(latestShift)) {
      base.adapt(batch);
    }
    signals.add(batch);
  }

  @Override
  public void predictAndAdapt(OutputBatch batch, double[] probabilities) {
    Way way = way(batch);
    latestShift = shift(batch);
    boolean asked = far(latestShift);
    if (asked && way != Way.LONG_RUN) {
      base.predictAndAdapt(batch, baseAnswer(batch));
      correct(way, batch.withProbabilities(baseAnswer), probabilities);
    } else {
      answer(batch, way, false, probabilities);
      if (asked) {
        base.adapt(batch);
      }
    }
    signals.add(batch);
  }

  /** How far the features are from the source's; 0 in batches too small to tell. */
  private double shift(OutputBatch batch) {
    boolean tells = featureShift.isPresent() && batch.size() >= settings.minSamples();
    return tells ? featureShift.get().of(batch) : 0;
  }

  /** Whether the base is asked about a batch with this shift of its features. */
  private boolean far(double shift) {
    return featureShift.isEmpty() || shift >= settings.featureShift();
  }

  private double[] baseAnswer(OutputBatch batch) {
    baseAnswer = sized(baseAnswer, batch);
    return baseAnswer;
  }

  private static double[] sized(double[] array, OutputBatch batch) {
    int count = batch.size() * batch.classes();
    return array.length == count ? array : new double[count];
  }

  /** Corrects the base's answers. */
  private void correct(Way way, OutputBatch answered, double[] probabilities) {
    switch (way) {
      case BATCH -> correctByBatch(answered, probabilities);
      case NEIGHBOURS -> {
        corrected = sized(corrected, answered);
        correctByBatch(answered, corrected);
        lame.predict(answered.withProbabilities(corrected), probabilities);
      }
      default ->
          System.arraycopy(
              answered.probabilities(), 0, probabilities, 0, answered.size() * answered.classes());
    }
  }

  private void correctByBatch(OutputBatch batch, double[] probabilities) {
    signals.estimate(batch.probabilities(), batch.size(), batchPrior);
    ClassPriors.correct(batch, source, batchPrior, probabilities);
  }

  private Way way(OutputBatch batch) {
    return batch.size() < settings.minSamples() ? longRunWay() : way();
  }

  private Way way() {
    if (!signals.correlated()) {
      return longRunWay();
    }
    double classes = signals.classesOfBatch();
    if (classes <= settings.fewClasses()) {
      return Way.NEIGHBOURS;
    }
    boolean concentrated = classes <= settings.concentrated() * signals.classesOfLongRun();
    return concentrated ? Way.BATCH : longRunWay();
  }

  private Way longRunWay() {
    return signals.shift() >= settings.shifted() ? Way.LONG_RUN : Way.NOTHING;
  }

  @Override
  public Optional<Choice> choice() {
    String reason =
        String.format(
            Locale.ROOT,
            "correlation %.2f, %.1f classes in a batch, shift %.2f",
            signals.correlation(),
            signals.classesOfBatch(),
            signals.shift());
    boolean asked = far(latestShift);
    String onBase = !asked || base instanceof Unchanged ? "" : " on " + baseName;
    String method =
        switch (way()) {
          case NOTHING -> asked ? baseName : "frozen";
          case LONG_RUN -> "label-shift-em";
          case BATCH -> "label-shift-em of the batch" + onBase;
          case NEIGHBOURS -> "lame" + onBase;
        };
    return Optional.of(new Choice(method, reason + featureReason()));
  }

  private String featureReason() {
    return featureShift.isEmpty()
        ? ""
        : String.format(Locale.ROOT, ", features %.2f from the source's", latestShift);
  }

  @Override
  public List<String> drainResets() {
    return base.drainResets();
  }

  @Override
  public double distanceToSource() {
    return base.distanceToSource();
  }

  @Override
  public Passes passes() {
    return base.passes();
  }

  @Override
  public void reset() {
    base.reset();
    signals.reset();
    latestShift = 0;
  }

  @Override
  public void save(StateWriter out) {
    out.put("base", base);
    out.put("signals", signals);
    out.putDouble("latest-feature-shift", latestShift);
  }

  @Override
  public void load(StateReader in) {
    in.get("base", base);
    in.get("signals", signals);
    latestShift = in.getDouble("latest-feature-shift");
  }

  @Override
  public void close() {
    base.close();
    lame.close();
  }
}

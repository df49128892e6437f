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
 * features it brings nearer to the source's (see {@link FeatureShift}); but not where the label
 * distribution has moved in the long run: a method that pulls features or entropies to those of the
 * source takes other labels for another domain there. It learns from all batches, or from those
 * alone whose features are far from the source's. The other signals are always taken from the
 * frozen model. Not thread-safe.
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
  private boolean taught;
  private double latestShift;
  private double latestBaseShift = Double.NaN;
  private OutputBatch judged;
  private double judgedShift;
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
   * @param featureShift what tells when the other method is asked and counts; empty: always
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
    answer(batch, probabilities);
    judged = null;
  }

  private void answer(OutputBatch batch, double[] probabilities) {
    Way way = way(batch);
    if (way == Way.LONG_RUN) {
      signals.longRun().predict(batch, probabilities);
      return;
    }
    double shift = shift(batch);
    boolean speaks = asked(shift) && speaks(shift, askBase(batch));
    correct(way, speaks ? batch.withProbabilities(baseAnswer) : batch, probabilities);
  }

  @Override
  public void adapt(OutputBatch batch) {
    judged = null;
    latestShift = shift(batch);
    teach(batch);
    latestBaseShift = taught ? askBase(batch) : Double.NaN;
    signals.add(batch);
  }

  @Override
  public void predictAndAdapt(OutputBatch batch, double[] probabilities) {
    answer(batch, probabilities);
    latestShift = shift(batch);
    latestBaseShift = asked(latestShift) ? askBase(batch) : Double.NaN;
    teach(batch);
    judged = null;
    signals.add(batch);
  }

  /** Whether the base may have something to say of a batch with this shift of its features. */
  private boolean asked(double shift) {
    return taught || far(shift);
  }

  private void teach(OutputBatch batch) {
    if (far(latestShift)) {
      base.adapt(batch);
      taught = true;
    }
  }

  /**
   * Lets the base answer, unless it was just asked.
   *
   * @return how far its features are from the source's; NaN for a base that tells none
   */
  private double askBase(OutputBatch batch) {
    if (judged != batch) {
      baseAnswer = sized(baseAnswer, batch);
      base.predict(batch, baseAnswer);
      judgedShift =
          base.features().map(seen -> shift(batch.with(baseAnswer, seen))).orElse(Double.NaN);
      judged = batch;
    }
    return judgedShift;
  }

  /** Whether the base's answer counts; one that tells no features is judged by the frozen ones. */
  private boolean speaks(double shift, double baseShift) {
    return Double.isNaN(baseShift) ? far(shift) : shift - baseShift >= settings.featureGain();
  }

  /** How far the features are from the source's; 0 in batches too small to tell. */
  private double shift(OutputBatch batch) {
    boolean tells = featureShift.isPresent() && batch.size() >= settings.minSamples();
    return tells ? featureShift.get().of(batch) : 0;
  }

  /** Whether the base learns from a batch with this shift of its features. */
  private boolean far(double shift) {
    return featureShift.isEmpty() || shift >= settings.featureShift();
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
    boolean speaks = speaks(latestShift, latestBaseShift);
    String onBase = !speaks || base instanceof Unchanged ? "" : " on " + baseName;
    String method =
        switch (way()) {
          case NOTHING -> speaks ? baseName : "frozen";
          case LONG_RUN -> "label-shift-em";
          case BATCH -> "label-shift-em of the batch" + onBase;
          case NEIGHBOURS -> "lame" + onBase;
        };
    return Optional.of(new Choice(method, reason + featureReason()));
  }

  private String featureReason() {
    if (featureShift.isEmpty()) {
      return "";
    }
    String off = String.format(Locale.ROOT, ", features %.2f from the source's", latestShift);
    return Double.isNaN(latestBaseShift)
        ? off
        : off + String.format(Locale.ROOT, ", %.2f by %s", latestBaseShift, baseName);
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
    taught = false;
    latestShift = 0;
    latestBaseShift = Double.NaN;
    judged = null;
  }

  @Override
  public void save(StateWriter out) {
    out.put("base", base);
    out.put("signals", signals);
    out.putLong("taught", taught ? 1 : 0);
    out.putDouble("latest-feature-shift", latestShift);
    out.putDouble("latest-base-shift", latestBaseShift);
  }

  @Override
  public void load(StateReader in) {
    in.get("base", base);
    in.get("signals", signals);
    taught = in.getLong("taught") == 1;
    latestShift = in.getDouble("latest-feature-shift");
    latestBaseShift = in.getDouble("latest-base-shift");
    judged = null;
  }

  @Override
  public void close() {
    base.close();
    lame.close();
  }
}

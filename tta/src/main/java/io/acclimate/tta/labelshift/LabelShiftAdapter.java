package io.acclimate.tta.labelshift;

import io.acclimate.runtime.LinearHead;
import io.acclimate.runtime.Rows;
import io.acclimate.runtime.state.StateReader;
import io.acclimate.runtime.state.StateWriter;
import io.acclimate.tta.OutputBatch;
import io.acclimate.tta.OutputCorrector;
import io.acclimate.tta.SourceLabelShift;
import java.util.Arrays;
import java.util.Optional;

/**
 * Label Shift Adapter: estimates the label distribution of the stream and changes the model's head
 * for it, by a small network that was trained on the source. Park et al., Label Shift Adapter for
 * Test-Time Adaptation under Covariate and Label Shifts, ICCV 2023, arXiv 2308.08810; no code of
 * the authors is known, and what the paper's abstract leaves open is a setting.
 *
 * <p>What the changed head adds to the logits of the frozen model is added to the logarithm of the
 * answer that this method is shown: by itself that is the changed head, and on top of another
 * method it is that method's answer under the same change. The label distribution is an exponential
 * average of the answers so given, or that of {@link LabelShiftEm}. Time O(n c d) for d features.
 * Not thread-safe.
 */
public final class LabelShiftAdapter implements OutputCorrector {
  private static final double TINY = 1e-300;

  /** What the estimate of the label distribution begins with. */
  public enum Start {
    /** The label distribution of the source. */
    SOURCE,
    /** Even shares. */
    UNIFORM
  }

  /** How the label distribution is estimated. */
  public enum Estimate {
    /** The exponential average of the answers. */
    AVERAGE,
    /** Expectation maximisation over the latest samples. */
    EM
  }

  private final HeadGenerator generator;
  private final double[] source;
  private final double[] start;
  private final double memory;
  private final Optional<LabelShiftEm> em;
  private final double[] prior;
  private final double[] difference;
  private double[] answer = new double[0];

  /**
   * Creates an adapter.
   *
   * @param source the label distribution of the source, {@code [classes]}
   * @param memorySamples samples after which the weight of a sample has fallen to 1/e
   * @param em estimates the label distribution in the average's place, where it is given
   */
  public LabelShiftAdapter(
      SourceLabelShift learned,
      LinearHead head,
      double[] source,
      Start start,
      double memorySamples,
      Optional<LabelShiftEmSettings> em) {
    this.generator = new HeadGenerator(learned, head);
    this.source = source.clone();
    this.start = source.clone();
    if (start == Start.UNIFORM) {
      Arrays.fill(this.start, 1.0 / source.length);
    }
    this.memory = memorySamples;
    this.em = em.map(settings -> new LabelShiftEm(source, settings));
    this.prior = new double[source.length];
    this.difference = new double[source.length];
    reset();
  }

  @Override
  public void predict(OutputBatch batch, double[] probabilities) {
    int classes = prior.length;
    for (int i = 0; i < batch.size(); i++) {
      generator.difference(batch.features(), i * batch.featureSize(), difference);
      for (int c = 0; c < classes; c++) {
        double shown = batch.probabilities()[i * classes + c];
        probabilities[i * classes + c] = Math.log(Math.max(shown, TINY)) + difference[c];
      }
    }
    Rows.softmax(probabilities, batch.size(), classes);
  }

  @Override
  public void adapt(OutputBatch batch) {
    if (em.isPresent()) {
      em.get().adapt(batch);
      System.arraycopy(em.get().prior(), 0, prior, 0, prior.length);
    } else {
      average(batch);
    }
    generator.generate(prior);
  }

  private void average(OutputBatch batch) {
    int classes = prior.length;
    if (answer.length < batch.size() * classes) {
      answer = new double[batch.size() * classes];
    }
    predict(batch, answer);
    double keep = Math.exp(-batch.size() / memory);
    for (int c = 0; c < classes; c++) {
      double mean = 0;
      for (int i = 0; i < batch.size(); i++) {
        mean += answer[i * classes + c] / batch.size();
      }
      prior[c] = keep * prior[c] + (1 - keep) * mean;
    }
    ClassPriors.clamp(prior, source);
  }

  /** The label distribution in force, {@code [classes]}. */
  public double[] prior() {
    return prior.clone();
  }

  @Override
  public void reset() {
    System.arraycopy(start, 0, prior, 0, prior.length);
    em.ifPresent(LabelShiftEm::reset);
    generator.generate(prior);
  }

  @Override
  public void save(StateWriter out) {
    out.putDoubles("prior", prior);
    em.ifPresent(estimator -> out.put("em", estimator));
  }

  @Override
  public void load(StateReader in) {
    double[] loaded = in.getDoubles("prior", prior.length);
    em.ifPresent(estimator -> in.get("em", estimator));
    System.arraycopy(loaded, 0, prior, 0, prior.length);
    generator.generate(prior);
  }
}

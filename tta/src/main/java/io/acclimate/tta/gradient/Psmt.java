package io.acclimate.tta.gradient;

import io.acclimate.runtime.Rows;
import io.acclimate.runtime.state.StateReader;
import io.acclimate.runtime.state.StateWriter;
import io.acclimate.runtime.train.Losses;
import io.acclimate.runtime.train.ParameterSet;
import io.acclimate.tta.DifferentiableModel;
import io.acclimate.tta.OutputBatch;
import java.util.function.Consumer;

/**
 * PSMT: student and mean teacher, where weights that matter little to the batch are treated apart.
 * Tian and Lyu, Parameter-Selective Mean Teacher for Continual Test-Time Adaptation, ACCV 2024,
 * arXiv 2407.02253.
 *
 * <p>The paper and its code differ; see {@link Variant}. The answer is the mean of both logits; the
 * code gives their sum, which has the same labels but is twice as sure. Not thread-safe.
 */
public final class Psmt extends TeacherMethod {
  private final Settings settings;
  private final ElasticPenalty penalty;
  private final ParameterSet before;
  private final double[] squares;
  private final double[] ordered;

  /** What is done: as the paper says, or as its code does. */
  public enum Variant {
    /**
     * The penalty holds the student at its weights of the step before; weights of little importance
     * keep the teacher's value.
     */
    PAPER,
    /**
     * The penalty holds the student at the source; weights of little importance go back to the
     * source in student and teacher; the others of the teacher follow the student twice.
     */
    CODE
  }

  /**
   * Settings beside the optimiser's.
   *
   * @param variant what is done
   * @param keep what the teacher keeps of itself in each step, 0 to 1
   * @param share the part of the weights that matters little, 0 to below 1
   * @param fisherStrength weight of the penalty, at least 0
   */
  public record Settings(Variant variant, double keep, double share, double fisherStrength) {}

  /**
   * Creates the method at the source.
   *
   * @param fisher writes how much each of the parameters it is given matters to the source, as
   *     {@link io.acclimate.tta.SourceFisher#copyTo} does
   */
  public Psmt(
      DifferentiableModel model,
      ParameterChoice parameters,
      OptimizerSettings optimizer,
      Settings settings,
      Consumer<ParameterSet> fisher) {
    super(AdaptableModel.of(model, parameters, Psmt::loss), optimizer);
    this.settings = settings;
    ParameterSet values = new ParameterSet(source().types());
    fisher.accept(values);
    this.penalty = new ElasticPenalty(values, settings.fisherStrength());
    this.before = source().copy();
    this.squares = new double[source().size()];
    this.ordered = new double[squares.length];
  }

  private static String loss(LossGraph graph) {
    String consistency =
        Losses.symmetricCrossEntropy(graph.ops(), graph.logits(0), teacherLogits(graph));
    return Losses.weightedMean(graph.ops(), consistency, graph.weights());
  }

  @Override
  public void predict(OutputBatch batch, double[] probabilities) {
    double[] taught = logits(teacher(), input(batch));
    answer(taught, logits(student(), input(batch)), batch, probabilities);
  }

  private static void answer(
      double[] taught, double[] learned, OutputBatch batch, double[] probabilities) {
    for (int k = 0; k < taught.length; k++) {
      probabilities[k] = (taught[k] + learned[k]) / 2;
    }
    Rows.softmax(probabilities, batch.size(), batch.classes());
  }

  @Override
  void learn(OutputBatch batch, double[] answer) {
    double[] taught = logits(teacher(), input(batch));
    SizedModel sized = load(input(batch), taught);
    double loss = sized.backward(student());
    if (answer != null) {
      answer(taught, sized.logits(), batch, answer);
    }
    ParameterSet anchor = settings.variant() == Variant.CODE ? source() : before;
    double total = loss + penalty.value(student(), anchor);
    penalty.addGradient(student(), anchor, sized.gradients());
    if (!Double.isFinite(total) || !sized.gradients().isFinite()) {
      return;
    }
    for (int i = 0; i < squares.length; i++) {
      squares[i] = sized.gradients().get(i) * sized.gradients().get(i);
    }
    System.arraycopy(squares, 0, ordered, 0, squares.length);
    double threshold = Quantile.of(ordered, settings.share());
    before.copyFrom(student());
    step(total, sized.gradients());
    select(threshold);
  }

  private void select(double threshold) {
    double keep = settings.keep();
    boolean code = settings.variant() == Variant.CODE;
    if (code) {
      teacher().average(keep, student());
    }
    for (int i = 0; i < squares.length; i++) {
      boolean matters = !(squares[i] < threshold);
      if (matters) {
        teacher().set(i, keep * teacher().get(i) + (1 - keep) * student().get(i));
      } else if (code) {
        student().set(i, source().get(i));
        teacher().set(i, source().get(i));
      }
    }
  }

  @Override
  public void reset() {
    super.reset();
    before.copyFrom(source());
  }

  @Override
  public void save(StateWriter out) {
    super.save(out);
    out.put("before", before);
  }

  @Override
  public void load(StateReader in) {
    super.load(in);
    in.get("before", before);
  }
}

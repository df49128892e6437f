package io.acclimate.tta.gradient;

import io.acclimate.runtime.graph.Ops;
import io.acclimate.runtime.state.StateReader;
import io.acclimate.runtime.state.StateWriter;
import io.acclimate.runtime.train.Losses;
import io.acclimate.runtime.train.ParameterSet;
import io.acclimate.tta.DifferentiableModel;
import io.acclimate.tta.OutputBatch;
import io.acclimate.tta.SourceFisher;
import java.util.Optional;

/**
 * EATA: minimises the entropy of samples that are sure and unlike those before them, weighted by
 * how sure they are; without the Fisher penalty it is ETA. Niu et al., Efficient Test-Time Model
 * Adaptation without Forgetting, ICML 2022, arXiv 2204.02610. With a reset after a number of
 * batches it is RDumb (Press et al., NeurIPS 2023, arXiv 2306.05401).
 *
 * <p>Selection and weights are part of the one call for a batch; no step is made when no sample is
 * selected. Not thread-safe.
 */
public final class Eata extends GradientMethod {
  static final String MEAN_ANSWER = "stream/mean-answer";
  static final String COMPARES = "stream/compares";
  static final String SELECTED = "stream/selected";
  static final String SELECTED_MEAN = "stream/selected-mean";

  private static final double KEEP = 0.9;
  private static final double TINY = 1e-8;

  private final Optional<ElasticPenalty> penalty;
  private final int resetAfter;
  private double[] meanAnswer = new double[0];
  private long batches;

  /**
   * Settings beside the optimiser's.
   *
   * @param entropyMargin samples of less entropy are reliable; a part of a uniform answer's entropy
   * @param similarityMargin samples are taken whose cosine with the mean answer is below, 0 to 1
   * @param fisherStrength weight of the penalty, 0 for ETA
   * @param resetAfter batches after which all is forgotten, 0 for never
   */
  public record Settings(
      double entropyMargin, double similarityMargin, double fisherStrength, int resetAfter) {}

  /**
   * Creates the method at the source.
   *
   * @param fisher needed with a fisher strength above 0
   */
  public Eata(
      DifferentiableModel model,
      ParameterChoice parameters,
      OptimizerSettings optimizer,
      Settings settings,
      Optional<SourceFisher> fisher) {
    super(AdaptableModel.of(model, parameters, graph -> loss(graph, settings)), optimizer);
    this.resetAfter = settings.resetAfter();
    this.penalty =
        settings.fisherStrength() > 0
            ? Optional.of(penalty(fisher.orElseThrow(), settings.fisherStrength()))
            : Optional.empty();
  }

  private ElasticPenalty penalty(SourceFisher fisher, double strength) {
    ParameterSet values = new ParameterSet(source().types());
    fisher.copyTo(values);
    return new ElasticPenalty(values, strength);
  }

  static String loss(LossGraph graph, Settings settings) {
    Ops ops = graph.ops();
    String logits = graph.logits(0);
    double margin = settings.entropyMargin() * Math.log(graph.classes());
    String mean = graph.input(MEAN_ANSWER, graph.classes());
    String compares = graph.input(COMPARES, 1);
    String entropy = Losses.entropy(ops, logits);
    String known = ops.stopGradient(entropy);
    String reliable = ops.indicator(ops.less(known, ops.scalarLike(known, margin)), known);
    String answers = ops.stopGradient(ops.softmax(logits, -1));
    String cosine = ops.mul(cosine(ops, answers, mean), compares);
    String near = ops.scalarLike(cosine, settings.similarityMargin());
    String unlike = ops.indicator(ops.less(ops.abs(cosine), near), known);
    // without a mean answer every reliable sample is taken, whatever the margin
    String open = ops.max(unlike, ops.add(ops.neg(compares), 1));
    String selected = ops.mul(ops.mul(reliable, open), graph.weights());
    String count = ops.reduceSum(selected, false);
    String atLeastOne = ops.max(count, ops.scalarLike(count, 1));
    graph.result(SELECTED, count);
    String rows = ops.mul(answers, ops.unsqueeze(selected, 1));
    graph.result(SELECTED_MEAN, ops.div(ops.reduceSum(rows, false, 0), atLeastOne));
    String weights = ops.mul(selected, ops.exp(ops.add(ops.neg(known), margin)));
    return ops.div(ops.reduceSum(ops.mul(weights, entropy), false), atLeastOne);
  }

  /** The cosine of each row with a vector, {@code [size]}. */
  static String cosine(Ops ops, String rows, String vector) {
    String product = ops.reduceSum(ops.mul(rows, vector), false, 1);
    String lengths = ops.sqrt(ops.reduceSum(ops.mul(rows, rows), false, 1));
    String length = ops.sqrt(ops.reduceSum(ops.mul(vector, vector), false));
    String both = ops.mul(lengths, length);
    return ops.div(product, ops.max(both, ops.scalarLike(both, TINY)));
  }

  @Override
  void learn(OutputBatch batch, double[] answer) {
    SizedModel sized = learner().load(input(batch));
    sized.set(MEAN_ANSWER, meanAnswer);
    sized.set(COMPARES, meanAnswer.length > 0 ? 1 : 0);
    double loss = sized.backward(student());
    if (answer != null) {
      sized.answer(answer);
    }
    if (sized.result(SELECTED)[0] > 0) {
      update(sized, loss);
    }
    batches++;
    if (batches == resetAfter) {
      startAnew(resetAfter + " batches are over");
    }
  }

  private void update(SizedModel sized, double loss) {
    double total = loss + penalty.map(p -> p.value(student(), source())).orElse(0.0);
    penalty.ifPresent(p -> p.addGradient(student(), source(), sized.gradients()));
    if (step(total, sized.gradients())) {
      follow(sized.result(SELECTED_MEAN));
    }
  }

  private void follow(double[] selected) {
    if (meanAnswer.length == 0) {
      meanAnswer = selected;
      return;
    }
    for (int c = 0; c < selected.length; c++) {
      meanAnswer[c] = KEEP * meanAnswer[c] + (1 - KEEP) * selected[c];
    }
  }

  @Override
  public void reset() {
    super.reset();
    meanAnswer = new double[0];
    batches = 0;
  }

  @Override
  public void save(StateWriter out) {
    super.save(out);
    out.putDoubles("mean-answer", meanAnswer);
    out.putLong("batches", batches);
  }

  @Override
  public void load(StateReader in) {
    super.load(in);
    meanAnswer = in.getDoubles("mean-answer");
    batches = in.getLong("batches");
  }
}

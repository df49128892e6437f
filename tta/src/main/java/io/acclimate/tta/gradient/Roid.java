package io.acclimate.tta.gradient;

import io.acclimate.runtime.Rows;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.graph.Ops;
import io.acclimate.runtime.state.StateReader;
import io.acclimate.runtime.state.StateWriter;
import io.acclimate.runtime.train.Losses;
import io.acclimate.tta.DifferentiableModel;
import io.acclimate.tta.OutputBatch;
import java.util.Arrays;
import java.util.Optional;

/**
 * ROID: raises the likelihood ratio of the answers, with weights for sure and diverse samples, asks
 * for the same answer on a changed copy, and pulls the weights back to the source in each step.
 * Marsden et al., Universal Test-time Adaptation through Weight Ensembling, Diversity Weighting,
 * and Prior Correction, WACV 2024, arXiv 2306.00650.
 *
 * <p>One call for a batch, in which the model sees the batch and its changed copy. Copies are made
 * of images only; for other inputs the consistency loss sees the batch twice. Logits are multiplied
 * by the smoothed prior, as the authors' code does. Not thread-safe.
 */
public final class Roid extends GradientMethod {
  static final String MEAN_ANSWER = "stream/mean-answer";
  static final String BATCH_MEAN = "stream/batch-mean";
  static final String ROW_WEIGHTS = "stream/row-weights";

  private static final double KEEP = 0.9;
  private static final double CEILING = 0.99;
  private static final double EPSILON = 1e-5;
  private static final double FAR = 1e9;

  private final Settings settings;
  private final SeedTree seeds;
  private final AdaptableModel predictor;
  private final StrongAugmentation augmentation = new StrongAugmentation();
  private double[] meanAnswer;

  /**
   * Settings beside the optimiser's.
   *
   * @param temperature of the weights, above 0
   * @param keep what the weights keep of themselves in each step, the rest is the source; 0 to 1
   * @param consistency whether the answers on a changed copy count
   * @param priorCorrection whether answers are corrected by the batch's mean answer
   */
  public record Settings(
      double temperature, double keep, boolean consistency, boolean priorCorrection) {}

  /** Creates the method at the source. */
  public Roid(
      DifferentiableModel model,
      ParameterChoice parameters,
      OptimizerSettings optimizer,
      Settings settings,
      int classes,
      SeedTree seeds) {
    super(
        new AdaptableModel(
            model,
            parameters.of(model, 0),
            graph -> loss(graph, settings),
            settings.consistency() ? 2 : 1),
        optimizer);
    this.settings = settings;
    this.seeds = seeds;
    this.predictor = AdaptableModel.of(model, parameters, graph -> entropy(graph));
    this.meanAnswer = uniform(classes);
  }

  private static String entropy(LossGraph graph) {
    return Losses.mean(graph.ops(), Losses.entropy(graph.ops(), graph.logits(0)));
  }

  private static double[] uniform(int classes) {
    double[] uniform = new double[classes];
    Arrays.fill(uniform, 1.0 / classes);
    return uniform;
  }

  static String loss(LossGraph graph, Settings settings) {
    Ops ops = graph.ops();
    String logits = graph.logits(0);
    String weights = rowWeights(graph, settings.temperature());
    graph.result(ROW_WEIGHTS, weights);
    String bySample = likelihoodRatio(ops, logits);
    if (settings.consistency()) {
      bySample = ops.add(bySample, Losses.symmetricCrossEntropy(ops, graph.logits(1), logits));
    }
    String rows = ops.reduceSum(graph.weights(), false);
    return ops.div(ops.reduceSum(ops.mul(bySample, weights), false), rows);
  }

  /** Minus the mean log likelihood ratio of the answers, by sample; flat where they are sure. */
  static String likelihoodRatio(Ops ops, String logits) {
    String answers = ops.softmax(logits, -1);
    String clipped = ops.min(answers, ops.scalarLike(answers, CEILING));
    String ratio = ops.div(clipped, ops.add(ops.neg(clipped), 1));
    String log = ops.log(ops.add(ratio, EPSILON));
    return ops.neg(ops.reduceSum(ops.mul(clipped, log), false, -1));
  }

  /** exp(diversity certainty / temperature); 0 for samples of less than mean diversity. */
  private static String rowWeights(LossGraph graph, double temperature) {
    Ops ops = graph.ops();
    String valid = graph.weights();
    String answers = ops.stopGradient(ops.softmax(graph.logits(0), -1));
    String count = ops.reduceSum(valid, false);
    String rows = ops.mul(answers, ops.unsqueeze(valid, 1));
    graph.result(BATCH_MEAN, ops.div(ops.reduceSum(rows, false, 0), count));
    String mean = graph.input(MEAN_ANSWER, graph.classes());
    String diversity = scaled(ops, ops.neg(Eata.cosine(ops, answers, mean)), valid);
    String level = ops.div(ops.reduceSum(ops.mul(diversity, valid), false), count);
    String below = ops.indicator(ops.less(diversity, level), diversity);
    String entropy = ops.stopGradient(Losses.entropy(ops, graph.logits(0)));
    String certainty = scaled(ops, ops.neg(entropy), valid);
    String weights = ops.exp(ops.mul(ops.mul(diversity, certainty), 1 / temperature));
    return ops.mul(weights, ops.mul(valid, ops.add(ops.neg(below), 1)));
  }

  /** Values between 0 and 1: the smallest and the largest of the valid rows; 0 where all agree. */
  private static String scaled(Ops ops, String values, String valid) {
    String out = ops.mul(ops.add(ops.neg(valid), 1), FAR);
    String highest = ops.reduceMax(ops.sub(values, out), false);
    String lowest = ops.neg(ops.reduceMax(ops.sub(ops.neg(values), out), false));
    String range = ops.sub(highest, lowest);
    String atLeast = ops.max(range, ops.scalarLike(range, 1e-30));
    return ops.mul(ops.div(ops.sub(values, lowest), atLeast), valid);
  }

  @Override
  public Optional<double[]> features() {
    return predictor.features();
  }

  @Override
  public void predict(OutputBatch batch, double[] probabilities) {
    SizedModel sized = predictor.load(input(batch));
    sized.forward(student());
    answer(sized.logits(), batch, probabilities);
  }

  private void answer(double[] logits, OutputBatch batch, double[] probabilities) {
    int classes = batch.classes();
    System.arraycopy(logits, 0, probabilities, 0, logits.length);
    if (settings.priorCorrection()) {
      Rows.softmax(probabilities, batch.size(), classes);
      double[] prior = smoothedPrior(probabilities, batch.size(), classes);
      for (int k = 0; k < logits.length; k++) {
        probabilities[k] = logits[k] * prior[k % classes];
      }
    }
    Rows.softmax(probabilities, batch.size(), classes);
  }

  /** The mean answer, the flatter the fewer samples there are, {@code [classes]}. */
  static double[] smoothedPrior(double[] answers, int size, int classes) {
    double[] prior = new double[classes];
    for (int k = 0; k < size * classes; k++) {
      prior[k % classes] += answers[k] / size;
    }
    double largest = Arrays.stream(prior).max().orElseThrow();
    double smooth = Math.max(1.0 / size, 1.0 / classes) / largest;
    for (int c = 0; c < classes; c++) {
      prior[c] = (prior[c] + smooth) / (1 + smooth * classes);
    }
    return prior;
  }

  @Override
  void learn(OutputBatch batch, double[] answer) {
    Tensor input = input(batch);
    SizedModel sized = learner().load(input);
    if (settings.consistency()) {
      sized.load(
          1, augmentation.apply(input, seeds.child("augmentation").child(updates()).generator()));
    }
    sized.set(MEAN_ANSWER, meanAnswer);
    double loss = sized.backward(student());
    if (answer != null) {
      answer(sized.logits(), batch, answer);
    }
    double[] batchMean = sized.result(BATCH_MEAN);
    if (step(loss, sized.gradients())) {
      student().average(settings.keep(), source());
      for (int c = 0; c < meanAnswer.length; c++) {
        meanAnswer[c] = KEEP * meanAnswer[c] + (1 - KEEP) * batchMean[c];
      }
    }
  }

  @Override
  public void reset() {
    super.reset();
    meanAnswer = uniform(meanAnswer.length);
  }

  @Override
  public void save(StateWriter out) {
    super.save(out);
    out.putDoubles("mean-answer", meanAnswer);
  }

  @Override
  public void load(StateReader in) {
    super.load(in);
    meanAnswer = in.getDoubles("mean-answer", meanAnswer.length);
  }

  @Override
  public void close() {
    super.close();
    predictor.close();
  }
}

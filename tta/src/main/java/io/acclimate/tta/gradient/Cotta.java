package io.acclimate.tta.gradient;

import io.acclimate.runtime.Rows;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.train.Losses;
import io.acclimate.tta.DifferentiableModel;
import io.acclimate.tta.OutputBatch;
import org.apache.commons.rng.UniformRandomProvider;

/**
 * CoTTA: the student follows a slow teacher, which answers; where the frozen model is unsure the
 * teacher's answer is the mean over changed copies of the batch; now and then single weights go
 * back to the source. Wang et al., Continual Test-Time Domain Adaptation, CVPR 2022, arXiv
 * 2203.13591.
 *
 * <p>Changed copies are made of images only; for other inputs the teacher sees the batch itself.
 * Draws depend on the number of updates, so an answer is the same however often it is asked for.
 * Not thread-safe.
 */
public final class Cotta extends TeacherMethod {
  private final Settings settings;
  private final SeedTree seeds;
  private final StrongAugmentation augmentation = new StrongAugmentation();

  /**
   * Settings beside the optimiser's.
   *
   * @param keep what the teacher keeps of itself in each step, 0 to 1
   * @param restore the probability with which a weight goes back to the source in a step, 0 to 1
   * @param confidence below this mean confidence of the frozen model copies are made, 0 to 1
   * @param augmentations how many copies, at least 1
   */
  public record Settings(double keep, double restore, double confidence, int augmentations) {}

  /** Creates the method at the source. */
  public Cotta(
      DifferentiableModel model,
      ParameterChoice parameters,
      OptimizerSettings optimizer,
      Settings settings,
      SeedTree seeds) {
    super(AdaptableModel.of(model, parameters, Cotta::loss), optimizer);
    this.settings = settings;
    this.seeds = seeds;
  }

  private static String loss(LossGraph graph) {
    String consistency =
        Losses.softCrossEntropy(graph.ops(), graph.logits(0), teacherAnswers(graph));
    return Losses.weightedMean(graph.ops(), consistency, graph.weights());
  }

  /** The teacher's logits, averaged over copies where the frozen model is unsure. */
  private double[] teach(OutputBatch batch) {
    Tensor input = input(batch);
    if (confidence(batch) >= settings.confidence() || !StrongAugmentation.applies(input)) {
      return logits(teacher(), input);
    }
    UniformRandomProvider random = seeds.child("augmentation").child(updates()).generator();
    double[] mean = new double[batch.size() * batch.classes()];
    for (int copy = 0; copy < settings.augmentations(); copy++) {
      double[] logits = logits(teacher(), augmentation.apply(input, random));
      for (int k = 0; k < mean.length; k++) {
        mean[k] += logits[k] / settings.augmentations();
      }
    }
    return mean;
  }

  private static double confidence(OutputBatch batch) {
    int[] labels = Rows.argmax(batch.probabilities(), batch.size(), batch.classes());
    double sum = 0;
    for (int i = 0; i < labels.length; i++) {
      sum += batch.probabilities()[i * batch.classes() + labels[i]];
    }
    return sum / labels.length;
  }

  @Override
  public void predict(OutputBatch batch, double[] probabilities) {
    answer(teach(batch), batch, probabilities);
  }

  private static void answer(double[] logits, OutputBatch batch, double[] probabilities) {
    System.arraycopy(logits, 0, probabilities, 0, logits.length);
    Rows.softmax(probabilities, batch.size(), batch.classes());
  }

  @Override
  void learn(OutputBatch batch, double[] answer) {
    double[] taught = teach(batch);
    if (answer != null) {
      answer(taught, batch, answer);
    }
    SizedModel sized = load(input(batch), taught);
    double loss = sized.backward(student());
    if (step(loss, sized.gradients())) {
      teacher().average(settings.keep(), student());
      restore();
    }
  }

  private void restore() {
    UniformRandomProvider random = seeds.child("restore").child(updates()).generator();
    for (int i = 0; i < student().size(); i++) {
      if (random.nextDouble() < settings.restore()) {
        student().set(i, source().get(i));
      }
    }
  }
}

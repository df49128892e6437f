package io.acclimate.tta.blackbox;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.state.StateReader;
import io.acclimate.runtime.state.StateWriter;
import io.acclimate.tta.ForwardModel;
import io.acclimate.tta.ForwardRunner;
import io.acclimate.tta.MethodContext;
import io.acclimate.tta.ModelInput;
import io.acclimate.tta.OutputBatch;
import io.acclimate.tta.OutputCorrector;
import io.acclimate.tta.Passes;
import java.util.Optional;

/**
 * BlackVIP: a coordinator paints a picture over each image, and is trained by values of the loss
 * alone ({@link SpsaGc}). Oh et al., BlackVIP: Black-Box Visual Prompting for Robust Transfer
 * Learning, CVPR 2023, arXiv 2303.14773.
 *
 * <p>The paper learns from a few labelled images; so does this with {@link
 * BlackVipSettings.Objective#LABELS}. On a stream without labels it lowers the mean {@link
 * StreamFitness}. The coordinator reads the features that the frozen model gives of the plain
 * image, where the paper has a second, self-supervised encoder. Not thread-safe.
 */
final class BlackVip implements OutputCorrector {
  private static final double TINY = 1e-30;

  private final BlackVipSettings settings;
  private final ForwardRunner runner;
  private final InputOffset input;
  private final PromptDecoder decoder;
  private final StreamFitness fitness;
  private final SeedTree seeds;
  private double[] prompts = new double[0];
  private double[] features;
  private SpsaGc optimizer;

  /**
   * Creates the method, which owns a runner of the context's model.
   *
   * @throws AcclimateException when the model's input is no image
   */
  BlackVip(MethodContext context, BlackVipSettings settings) {
    ForwardModel model = context.forward().orElseThrow();
    this.settings = settings;
    this.seeds = context.seeds().child("blackvip");
    input = new InputOffset(model.model().singleInput(), settings.range());
    if (input.imageShape().length != 3) {
      throw new AcclimateException(
          "blackvip: expected a model of images [batch, channels, height, width], found input %s"
              .formatted(model.model().singleInput().shapeText()));
    }
    decoder = new PromptDecoder(context.featureSize(), input.imageShape(), settings.channels());
    fitness = StreamFitness.of(context, settings.comparesFeatures() ? settings.featureWeight() : 0);
    runner = model.newRunner();
    reset();
  }

  @Override
  public void predict(OutputBatch batch, double[] probabilities) {
    OutputBatch answer = answer(batch, optimizer.weights());
    features = answer.features();
    int count = batch.size() * batch.classes();
    System.arraycopy(answer.probabilities(), 0, probabilities, 0, count);
  }

  @Override
  public Optional<double[]> features() {
    return Optional.ofNullable(features);
  }

  private OutputBatch answer(OutputBatch batch, double[] weights) {
    Tensor plain = ModelInput.of(batch);
    int count = batch.size() * input.elements();
    if (prompts.length != count) {
      prompts = new double[count];
    }
    for (int i = 0; i < batch.size(); i++) {
      int features = i * batch.featureSize();
      decoder.decode(weights, batch.features(), features, prompts, i * input.elements());
    }
    for (int k = 0; k < count; k++) {
      prompts[k] *= settings.promptScale();
    }
    return runner.run(input.add(plain, prompts));
  }

  @Override
  public void adapt(OutputBatch batch) {
    if (settings.objective() == BlackVipSettings.Objective.FITNESS) {
      optimizer.step(weights -> fitness.of(answer(batch, weights)) / batch.size());
    } else if (batch.labels() != null) {
      optimizer.step(weights -> crossEntropy(answer(batch, weights), batch.labels()));
    }
  }

  private static double crossEntropy(OutputBatch answer, int[] labels) {
    double sum = 0;
    for (int i = 0; i < labels.length; i++) {
      sum -= Math.log(Math.max(answer.probabilities()[i * answer.classes() + labels[i]], TINY));
    }
    return sum / labels.length;
  }

  @Override
  public void reset() {
    optimizer =
        new SpsaGc(
            decoder.start(seeds.child("start")),
            settings.spsa(),
            SpsaGc.segmentedUniform(seeds.child("perturbations")));
  }

  @Override
  public Passes passes() {
    return runner.passes();
  }

  @Override
  public void close() {
    runner.close();
  }

  @Override
  public void save(StateWriter out) {
    out.put("optimizer", optimizer);
  }

  @Override
  public void load(StateReader in) {
    in.get("optimizer", optimizer);
  }
}

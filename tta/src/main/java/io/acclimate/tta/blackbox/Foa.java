package io.acclimate.tta.blackbox;

import io.acclimate.runtime.state.StateReader;
import io.acclimate.runtime.state.StateWriter;
import io.acclimate.tta.ForwardRunner;
import io.acclimate.tta.MethodContext;
import io.acclimate.tta.ModelInput;
import io.acclimate.tta.OutputBatch;
import io.acclimate.tta.OutputCorrector;
import io.acclimate.tta.Passes;
import java.util.Arrays;
import java.util.Optional;

/**
 * FOA: searches by forward passes alone for something to add to the input under which the model is
 * sure and its features look like the source's, and shifts the features towards the source. Niu et
 * al., Test-Time Model Adaptation with Only Forward Passes, ICML 2024, arXiv 2404.01650.
 *
 * <p>The paper searches over prompt tokens of a transformer. Here it is an offset of the input,
 * which any model has: a coarse field over an image, else every element. Each batch is one
 * generation of {@link SeparableCmaEs}; the best of its candidates and of the offset so far is in
 * force from then on. As in the authors' code a candidate is judged before its features are
 * shifted, and the average that the shift is made of takes in the features under every candidate.
 * The discrepancy of features is that of the model's features, where the paper takes those of every
 * layer. Not thread-safe.
 */
final class Foa implements OutputCorrector {
  private final ForwardRunner runner;
  private final StreamFitness fitness;
  private final InputOffset input;
  private final Optional<CoarseField> field;
  private final Optional<ActivationShift> shift;
  private final SeparableCmaEs search;
  private final double[] best;
  private final double[] offset;
  private final double[] means;
  private double[] features;

  /** Creates the method, which owns a runner of the context's model. */
  Foa(MethodContext context, FoaSettings settings) {
    var model = context.forward().orElseThrow();
    input = new InputOffset(model.model().singleInput(), settings.range());
    field =
        settings.grid() > 0 && input.imageShape().length == 3
            ? Optional.of(new CoarseField(input.imageShape(), settings.grid()))
            : Optional.empty();
    fitness = StreamFitness.of(context, settings.featureWeight());
    shift =
        settings.activationShift() == 0
            ? Optional.empty()
            : Optional.of(
                new ActivationShift(
                    context.head().orElseThrow(),
                    context.source().orElseThrow().featureMeans(),
                    settings.activationShift(),
                    settings.activationKeep()));
    int dimension = field.map(CoarseField::dimension).orElse(input.elements());
    search =
        new SeparableCmaEs(
            dimension, settings.population(), settings.radius(), context.seeds().child("foa"));
    best = new double[dimension];
    offset = new double[input.elements()];
    means = new double[context.featureSize()];
    runner = model.newRunner();
  }

  /** The search for the offset. */
  SeparableCmaEs search() {
    return search;
  }

  /** The shift of the features, where there is one. */
  Optional<ActivationShift> shift() {
    return shift;
  }

  @Override
  public void predict(OutputBatch batch, double[] probabilities) {
    OutputBatch plain = answer(batch, best);
    OutputBatch answer = shift.map(by -> by.apply(plain)).orElse(plain);
    features = answer.features();
    int count = batch.size() * batch.classes();
    System.arraycopy(answer.probabilities(), 0, probabilities, 0, count);
  }

  @Override
  public Optional<double[]> features() {
    return Optional.ofNullable(features);
  }

  /** What the model says of a batch with an offset. */
  private OutputBatch answer(OutputBatch batch, double[] candidate) {
    double[] added = candidate;
    if (field.isPresent()) {
      field.get().write(candidate, offset);
      added = offset;
    }
    return runner.run(input.add(ModelInput.of(batch), added));
  }

  @Override
  public void adapt(OutputBatch batch) {
    Arrays.fill(means, 0);
    double[] kept = best.clone();
    double bestValue = value(batch, kept);
    double[][] candidates = search.sample();
    double[] values = new double[candidates.length];
    for (int k = 0; k < candidates.length; k++) {
      values[k] = value(batch, candidates[k]);
      if (values[k] < bestValue) {
        bestValue = values[k];
        kept = candidates[k];
      }
    }
    double[] better = kept.clone();
    search.update(values);
    System.arraycopy(better, 0, best, 0, best.length);
    for (int f = 0; f < means.length; f++) {
      means[f] /= values.length + 1;
    }
    shift.ifPresent(by -> by.follow(means));
  }

  /** The fitness of a candidate; adds the mean of its features to those of the others. */
  private double value(OutputBatch batch, double[] candidate) {
    OutputBatch answer = answer(batch, candidate);
    for (int f = 0; f < means.length; f++) {
      double sum = 0;
      for (int i = 0; i < answer.size(); i++) {
        sum += answer.features()[i * means.length + f];
      }
      means[f] += sum / answer.size();
    }
    return fitness.of(answer);
  }

  @Override
  public void reset() {
    search.reset();
    Arrays.fill(best, 0);
    shift.ifPresent(ActivationShift::reset);
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
    out.put("search", search);
    out.putDoubles("best", best);
    shift.ifPresent(by -> out.put("shift", by));
  }

  @Override
  public void load(StateReader in) {
    double[] loaded = in.getDoubles("best", best.length);
    in.get("search", search);
    shift.ifPresent(by -> in.get("shift", by));
    System.arraycopy(loaded, 0, best, 0, best.length);
  }
}

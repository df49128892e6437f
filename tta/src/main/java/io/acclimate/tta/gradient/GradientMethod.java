package io.acclimate.tta.gradient;

import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.state.StateReader;
import io.acclimate.runtime.state.StateWriter;
import io.acclimate.runtime.train.Optimizer;
import io.acclimate.runtime.train.ParameterSet;
import io.acclimate.tta.ModelInput;
import io.acclimate.tta.OutputBatch;
import io.acclimate.tta.OutputCorrector;
import io.acclimate.tta.Passes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What methods share that change parameters of the model by gradients: the student's parameters,
 * the optimiser, and the way a batch is answered. A step whose loss or gradient is not finite is
 * left out.
 *
 * <p>Not thread-safe.
 */
abstract class GradientMethod implements OutputCorrector {
  private final AdaptableModel learner;
  private final ParameterSet source;
  private final double sourceNorm;
  private final ParameterSet student;
  private final Optimizer optimizer;
  private final double rate;
  private final List<String> ownResets = new ArrayList<>();
  private long updates;

  /** A method that starts at the learner's source. */
  GradientMethod(AdaptableModel learner, OptimizerSettings optimizer) {
    this.learner = learner;
    this.source = learner.source();
    // modules may start at 0: then the length is that of ones
    this.sourceNorm = source.norm() > 0 ? source.norm() : Math.sqrt(source.size());
    this.student = source.copy();
    this.optimizer = optimizer.create(source.types().keySet());
    this.rate = optimizer.rate();
  }

  final AdaptableModel learner() {
    return learner;
  }

  final ParameterSet source() {
    return source;
  }

  final ParameterSet student() {
    return student;
  }

  /** Steps made since the method was new. */
  final long updates() {
    return updates;
  }

  /** The model's input of a batch. */
  static Tensor input(OutputBatch batch) {
    return ModelInput.of(batch);
  }

  /** Moves the student; returns whether the step was made. */
  final boolean step(double loss, ParameterSet gradients) {
    if (!Double.isFinite(loss) || !gradients.isFinite()) {
      return false;
    }
    optimizer.step(student, gradients, rate);
    updates++;
    return true;
  }

  /**
   * Learns from one batch.
   *
   * @param answer receives what the method answers before it learns; null when nobody asks
   */
  abstract void learn(OutputBatch batch, double[] answer);

  @Override
  public void predict(OutputBatch batch, double[] probabilities) {
    answer(learner, student, batch, probabilities);
  }

  /** Answers by one forward pass with some parameters. */
  static void answer(
      AdaptableModel model, ParameterSet parameters, OutputBatch batch, double[] probabilities) {
    SizedModel sized = model.load(input(batch));
    sized.forward(parameters);
    sized.answer(probabilities);
  }

  @Override
  public Optional<double[]> features() {
    return learner.features();
  }

  @Override
  public final void adapt(OutputBatch batch) {
    learn(batch, null);
  }

  @Override
  public final void predictAndAdapt(OutputBatch batch, double[] probabilities) {
    learn(batch, probabilities);
  }

  @Override
  public double distanceToSource() {
    return distanceToSource(student);
  }

  /** How far some parameters are from the source, relative to its length. */
  final double distanceToSource(ParameterSet parameters) {
    return parameters.distance(source) / sourceNorm;
  }

  @Override
  public Passes passes() {
    return learner.passes();
  }

  /** Forgets everything by a rule of the method's own. */
  final void startAnew(String reason) {
    reset();
    ownResets.add(reason);
  }

  @Override
  public List<String> drainResets() {
    List<String> drained = List.copyOf(ownResets);
    ownResets.clear();
    return drained;
  }

  @Override
  public void reset() {
    student.copyFrom(source);
    optimizer.reset();
    updates = 0;
  }

  @Override
  public void save(StateWriter out) {
    out.put("student", student);
    out.put("optimizer", optimizer);
    out.putLong("updates", updates);
  }

  @Override
  public void load(StateReader in) {
    in.get("student", student);
    in.get("optimizer", optimizer);
    updates = in.getLong("updates");
  }

  @Override
  public void close() {
    learner.close();
  }
}

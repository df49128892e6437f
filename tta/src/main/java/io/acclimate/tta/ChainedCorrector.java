package io.acclimate.tta;

import io.acclimate.runtime.state.StateReader;
import io.acclimate.runtime.state.StateWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A corrector that sits on another: it sees the other's answer in place of the model's output. */
final class ChainedCorrector implements OutputCorrector {
  private final OutputCorrector inner;
  private final OutputCorrector outer;
  private double[] answer = new double[0];

  ChainedCorrector(OutputCorrector inner, OutputCorrector outer) {
    this.inner = inner;
    this.outer = outer;
  }

  @Override
  public void predict(OutputBatch batch, double[] probabilities) {
    outer.predict(corrected(batch), probabilities);
  }

  @Override
  public void adapt(OutputBatch batch) {
    inner.adapt(batch);
    outer.adapt(corrected(batch));
  }

  private OutputBatch corrected(OutputBatch batch) {
    int count = batch.size() * batch.classes();
    if (answer.length != count) {
      answer = new double[count];
    }
    inner.predict(batch, answer);
    return batch.withProbabilities(answer);
  }

  @Override
  public void reset() {
    inner.reset();
    outer.reset();
  }

  @Override
  public double distanceToSource() {
    return Math.max(inner.distanceToSource(), outer.distanceToSource());
  }

  @Override
  public Passes passes() {
    return inner.passes().plus(outer.passes());
  }

  @Override
  public void close() {
    inner.close();
    outer.close();
  }

  @Override
  public Optional<Choice> choice() {
    return outer.choice().or(inner::choice);
  }

  @Override
  public Optional<double[]> features() {
    return outer.features().or(inner::features);
  }

  @Override
  public List<String> drainResets() {
    List<String> reasons = new ArrayList<>(inner.drainResets());
    reasons.addAll(outer.drainResets());
    return reasons;
  }

  @Override
  public void save(StateWriter out) {
    out.put("inner", inner);
    out.put("outer", outer);
  }

  @Override
  public void load(StateReader in) {
    in.get("inner", inner);
    in.get("outer", outer);
  }
}

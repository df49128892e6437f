package io.acclimate.continual.mamba;

import io.acclimate.continual.LearnResult;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.state.StateReader;
import io.acclimate.runtime.state.StateWriter;
import io.acclimate.runtime.state.Stateful;
import io.acclimate.runtime.train.ParameterGroups;
import io.acclimate.runtime.train.ParameterSet;
import io.acclimate.runtime.train.Schedule;
import io.acclimate.runtime.train.Sgd;
import io.acclimate.runtime.train.Trainer;

/**
 * The values of a {@link BranchModel}, and their training while a task is open. Not thread-safe.
 * Close it to free the sessions.
 */
final class Branch implements Stateful, AutoCloseable {
  private static final double MOMENTUM = 0.9;
  private static final double LEAST_SHARE = 0.01;
  private static final double WARM_UP_STEPS = 5;

  private final BranchModel model;
  private final MambaFscilSettings.Training training;
  private ParameterSet parameters;
  private Trainer trainer;
  private long totalSteps;

  Branch(BranchModel model, MambaFscilSettings.Training training) {
    this.model = model;
    this.training = training;
  }

  BranchModel model() {
    return model;
  }

  MambaFscilSettings.Training training() {
    return training;
  }

  /** Whether there are values. */
  boolean exists() {
    return parameters != null;
  }

  /** The values; null when there are none. */
  ParameterSet parameters() {
    return parameters;
  }

  /** The number of values. */
  long size() {
    return exists() ? parameters.size() : 0;
  }

  /** The bytes of the values. */
  long bytes() {
    return size() * model.type().bytes();
  }

  /** Gives new values. */
  void start(SeedTree seeds) {
    parameters = model.initialParameters(seeds);
  }

  /**
   * Begins training from the present values.
   *
   * @param batches of one pass, as announced
   */
  void open(long batches) {
    totalSteps = Math.max(1, batches * training.epochs());
    trainer = newTrainer();
  }

  private Trainer newTrainer() {
    Schedule rising = Schedule.warmUp(Math.min(0.5, WARM_UP_STEPS / totalSteps), Branch::floored);
    Schedule schedule = (step, total) -> rising.factor(Math.min(step, total - 1), total);
    ParameterGroups groups =
        ParameterGroups.of(
            parameters.types().keySet(), new ParameterGroups.Group(1, training.decay(), true));
    Trainer.Plan plan =
        new Trainer.Plan(training.rate(), schedule, totalSteps, training.clipNorm(), 1);
    return new Trainer(model.trainable(), parameters, new Sgd(groups, MOMENTUM, false), plan);
  }

  private static double floored(long step, long total) {
    return Math.max(LEAST_SHARE, Schedule.COSINE.factor(step, total));
  }

  /** The steps made in the open task. */
  long steps() {
    return trainer.steps();
  }

  /** Makes a step on what the model was fed. */
  LearnResult step() {
    Trainer.StepReport report = trainer.step(model.feeds());
    return new LearnResult(report.loss(), report.refusal());
  }

  /** Ends training; the momentum is dropped. */
  void end() {
    trainer = null;
  }

  @Override
  public void save(StateWriter out) {
    out.putInt("exists", exists() ? 1 : 0);
    out.putLong("totalSteps", trainer == null ? 0 : totalSteps);
    if (trainer != null) {
      out.put("trainer", trainer);
    } else if (exists()) {
      out.put("parameters", parameters);
    }
  }

  @Override
  public void load(StateReader in) {
    boolean saved = in.getInt("exists") == 1;
    totalSteps = in.getLong("totalSteps");
    parameters = saved ? model.trainable().newParameters() : null;
    trainer = null;
    if (totalSteps > 0) {
      trainer = newTrainer();
      in.get("trainer", trainer);
    } else if (saved) {
      in.get("parameters", parameters);
    }
  }

  @Override
  public void close() {
    model.close();
  }
}

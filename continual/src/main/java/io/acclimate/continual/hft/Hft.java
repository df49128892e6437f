package io.acclimate.continual.hft;

import io.acclimate.continual.LabelledBatch;
import io.acclimate.continual.LearnResult;
import io.acclimate.continual.LearnerContext;
import io.acclimate.continual.TaskOutline;
import io.acclimate.continual.tuning.TaskTuning;
import io.acclimate.continual.tuning.TunedLearner;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.state.StateReader;
import io.acclimate.runtime.state.StateWriter;
import io.acclimate.runtime.train.ParameterSet;
import java.util.Set;

/**
 * Half fine-tuning: one set of modules, tuned task after task; in each task a random half of every
 * category of parameters rests. As half-reset, all of them are tuned, and a random half is put back
 * to its values before the task at its end.
 *
 * <p>Whole parameters are switched, never elements. The choice hangs from the seeds and the number
 * of the task. The head always learns. Scores are logits. Hui et al., ACL 2025, arXiv 2404.18466;
 * the paper chooses among a transformer's own matrices. Not thread-safe.
 */
public final class Hft extends TunedLearner {
  private final HftSettings settings;
  private final SeedTree seeds;

  /** The half that is not chosen in the open task. */
  private Set<String> resting = Set.of();

  /** The values before the open task; null unless they are put back. */
  private ParameterSet before;

  /** Creates a learner without classes. */
  public Hft(LearnerContext context, HftSettings settings) {
    super(new TaskTuning(context, settings.tuning()));
    this.settings = settings;
    this.seeds = context.seeds().child("half");
  }

  /** The parameters that the open task does not change for good; empty when none is open. */
  public Set<String> resting() {
    return resting;
  }

  /** The values of modules and head, as they are now; null before the first task. */
  ParameterSet values() {
    return tuning().parameters();
  }

  @Override
  public void beginTask(TaskOutline outline) {
    super.beginTask(outline);
    choose();
    before = resets() ? tuning().parameters().copy() : null;
  }

  private boolean resets() {
    return settings.variant() == HftSettings.Variant.HALF_RESET;
  }

  private void choose() {
    resting = HalfMask.resting(tuning().units(), settings.unit(), seeds.child(tasks()));
    tuning().rest(resets() ? Set.of() : resting);
  }

  @Override
  public LearnResult learn(LabelledBatch batch) {
    return tuning().learn(batch, false);
  }

  @Override
  public void endTask() {
    super.endTask();
    if (before != null) {
      resting.forEach(name -> tuning().parameters().put(name, before.tensor(name)));
    }
    resting = Set.of();
    before = null;
  }

  @Override
  public void save(StateWriter out) {
    out.put("tuning", tuning());
    if (before != null) {
      out.put("before", before);
    }
  }

  @Override
  public void load(StateReader in) {
    in.get("tuning", tuning());
    resting = Set.of();
    before = null;
    if (tuning().progress().isOpen()) {
      choose();
      if (resets()) {
        before = tuning().parameters().copy();
        in.get("before", before);
      }
    }
  }
}

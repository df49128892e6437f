package io.acclimate.tta;

import io.acclimate.runtime.state.StateReader;
import io.acclimate.runtime.state.StateWriter;

/** A corrector that looks at one batch only and keeps nothing. */
public abstract class StatelessCorrector implements OutputCorrector {
  @Override
  public final void adapt(OutputBatch batch) {
    // nothing is learned
  }

  @Override
  public final void reset() {
    // nothing is learned
  }

  @Override
  public final void save(StateWriter out) {
    // nothing is kept
  }

  @Override
  public final void load(StateReader in) {
    // nothing is kept
  }
}

package io.acclimate.simulators.serve;

import io.acclimate.actors.AdapterChoice;
import io.acclimate.actors.AdaptiveRuntime;
import io.acclimate.actors.AdaptiveStream;
import io.acclimate.actors.RuntimeListener;
import io.acclimate.actors.learn.LearnerEvent;

/**
 * Lets every stream be served with what the learner publishes. What methods have learned of the
 * model's output is of the adapter that it came from, so they forget it when another one comes.
 */
final class AdapterFollower implements RuntimeListener {
  private final AdaptiveRuntime runtime;
  private final AdapterChoice choice;

  /**
   * @param adapter the name under which the learner publishes
   */
  AdapterFollower(AdaptiveRuntime runtime, String adapter) {
    this.runtime = runtime;
    this.choice = new AdapterChoice.Latest(adapter);
  }

  @Override
  public void opened(AdaptiveStream stream) {
    stream.serveWith(choice);
  }

  @Override
  public void learner(LearnerEvent event) {
    if (event instanceof LearnerEvent.Served served
        && served.change() != LearnerEvent.Change.START) {
      runtime.streams().forEach(stream -> stream.reset("another adapter serves"));
    }
  }
}

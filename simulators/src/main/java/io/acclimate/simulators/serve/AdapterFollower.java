package io.acclimate.simulators.serve;

import io.acclimate.actors.AdapterChoice;
import io.acclimate.actors.AdaptiveRuntime;
import io.acclimate.actors.AdaptiveStream;
import io.acclimate.actors.Prediction;
import io.acclimate.actors.RuntimeListener;
import io.acclimate.actors.ServedAdapter;
import io.acclimate.bank.AdapterRef;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Lets streams be served with what the file says. What methods have learned of the model's output
 * is of the adapter that it came from, so they forget it when another one serves, whoever has
 * brought that about: the learner, somebody who chose it for the stream, or another process that
 * has changed the bank.
 */
final class AdapterFollower implements RuntimeListener {
  private final AdaptiveRuntime runtime;
  private final ServeAdapters adapters;

  /** The adapter of each stream's latest answer. */
  private final Map<String, Optional<AdapterRef>> served = new ConcurrentHashMap<>();

  AdapterFollower(AdaptiveRuntime runtime, ServeAdapters adapters) {
    this.runtime = runtime;
    this.adapters = adapters;
  }

  @Override
  public void opened(AdaptiveStream stream) {
    AdapterChoice choice = adapters.of(stream.id());
    if (!choice.equals(AdapterChoice.FROZEN)) {
      stream.serveWith(choice);
    }
  }

  @Override
  public void closed(String stream) {
    served.remove(stream);
  }

  @Override
  public void predicted(Prediction prediction, boolean learned) {
    Optional<AdapterRef> now = prediction.adapter().map(ServedAdapter::ref);
    Optional<AdapterRef> before = served.put(prediction.stream(), now);
    if (before != null && !before.equals(now)) {
      runtime.find(prediction.stream()).ifPresent(stream -> stream.reset("another adapter serves"));
    }
  }
}

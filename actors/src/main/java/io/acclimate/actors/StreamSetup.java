package io.acclimate.actors;

import akka.actor.typed.ActorRef;
import io.acclimate.tta.Adaptation;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/**
 * What a stream's agent is made of, and what outlives its restarts.
 *
 * @param adaptation makes the method
 * @param pending touched by the agent only
 * @param recorder touched by the agent only
 * @param feed shared by all streams
 * @param store where the state lies while the stream is idle; empty when it stays in memory
 * @param lost the method of an agent that failed, for the next one to take over from
 * @param restarts touched by the agent only
 */
record StreamSetup(
    String id,
    String method,
    Supplier<Adaptation> adaptation,
    ServedModel model,
    ActorRef<ModelServer.Command> server,
    StreamMonitor monitor,
    PendingFeedback pending,
    StreamRecorder recorder,
    Listeners listeners,
    LearnerFeed feed,
    Optional<StreamStore> store,
    AtomicReference<Adaptation> lost,
    RestartLimit restarts) {
  /** Answers a batch with an error, and says so. */
  void refuse(Request request, RuntimeException cause) {
    monitor.failed(cause.getMessage());
    request.answer().completeExceptionally(cause);
    listeners.tell(listener -> listener.failed(id, cause));
  }
}

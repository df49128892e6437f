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
 * @param store where the state lies while the stream is idle; empty when it stays in memory
 * @param lost the method of an agent that failed, for the next one to take over from
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
    Optional<StreamStore> store,
    AtomicReference<Adaptation> lost) {}

package io.acclimate.actors.learn;

import io.acclimate.bank.AdapterRef;
import java.util.Optional;

/**
 * Where a background learner stands.
 *
 * @param task the number of the task that is learned or will be next, from 0
 * @param step the steps made in it
 * @param steps the steps it takes; 0 when none is being learned
 * @param waitingSamples the samples that wait or are being learned
 * @param served the adapter that serves; empty for the frozen model
 * @param last the last decision since the learner was opened
 */
public record LearnerStatus(
    long task,
    long step,
    long steps,
    long waitingSamples,
    Optional<AdapterRef> served,
    Optional<TaskDecision> last) {}

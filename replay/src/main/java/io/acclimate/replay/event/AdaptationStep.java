package io.acclimate.replay.event;

/**
 * A method or a learner changed its parameters once.
 *
 * @param stream the stream's id
 * @param method the method or learner
 * @param step the number of the step, from 0
 * @param loss the loss before the step
 * @param stateHash SHA-256 of the state after the step; empty where it was not computed
 */
public record AdaptationStep(String stream, String method, long step, double loss, String stateHash)
    implements JournalEvent {}

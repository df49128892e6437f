package io.acclimate.replay.event;

/**
 * A stream's method forgot what it had learned.
 *
 * @param stream the stream's id
 * @param reason why: the caller, a guard, a failure
 */
public record MethodReset(String stream, String reason) implements JournalEvent {}

package io.acclimate.replay.event;

/**
 * A stream was closed; its method's state is gone.
 *
 * @param stream the stream's id
 */
public record StreamClosed(String stream) implements JournalEvent {}

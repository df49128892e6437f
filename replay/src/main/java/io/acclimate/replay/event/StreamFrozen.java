package io.acclimate.replay.event;

/**
 * A stream was told to learn no more, or to learn again.
 *
 * @param stream the stream's id
 * @param frozen whether it learns no more from here on
 */
public record StreamFrozen(String stream, boolean frozen) implements JournalEvent {}

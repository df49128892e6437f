package io.acclimate.replay.event;

/**
 * What a stream is served with has changed, or the adapter whose outputs its method learns from.
 *
 * @param stream the stream's id
 * @param chosen the text of the choice that somebody has made for the stream; empty where nobody
 *     has
 * @param learned the adapter whose outputs the method has learned from, as {@code name@version};
 *     empty for the frozen model, and where nothing is learned
 */
public record AdapterUsed(String stream, String chosen, String learned) implements JournalEvent {}

package io.acclimate.replay.event;

/**
 * A stream was opened with a fresh method.
 *
 * @param stream the stream's id
 * @param method the registered method
 * @param settings the method's settings over its defaults, as JSON
 * @param modelSha256 the frozen model
 */
public record StreamOpened(String stream, String method, String settings, String modelSha256)
    implements JournalEvent {}

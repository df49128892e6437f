package io.acclimate.replay.event;

/**
 * A task ended and the next one began.
 *
 * @param stream the stream's id
 * @param task the number of the task that begins, from 0
 * @param name the task's name; may be empty
 */
public record TaskBoundary(String stream, int task, String name) implements JournalEvent {}

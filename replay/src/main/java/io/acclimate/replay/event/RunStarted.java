package io.acclimate.replay.event;

/**
 * A run began or went on; the events after it belong to it.
 *
 * @param name the run's name
 * @param settings what it was started with, as JSON
 */
public record RunStarted(String name, String settings) implements JournalEvent {}

package io.acclimate.replay.event;

/**
 * Something in a method's life that a report shows; part of a {@link Predicted}.
 *
 * @param kind what happened, in kebab-case
 * @param subject what it is about; may be empty
 * @param reason why, in words
 */
public record MethodEvent(String kind, String subject, String reason) {}

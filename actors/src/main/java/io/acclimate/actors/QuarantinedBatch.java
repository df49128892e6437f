package io.acclimate.actors;

/**
 * A batch that was set aside because the model or the method failed on it twice.
 *
 * @param stream the stream's id
 * @param sequence the number of the batch in its stream
 * @param reason how it failed the second time
 */
public record QuarantinedBatch(String stream, long sequence, String reason) {}

package io.acclimate.actors;

/**
 * What a stream has done so far.
 *
 * @param batches batches answered
 * @param samples samples answered
 * @param forwards forward passes of the model
 * @param backwards backward passes of the model
 * @param resets times the method was made new
 * @param fallbacks batches answered with the frozen output in the method's place
 * @param rejected batches refused because too many were under way
 * @param failed batches that ended with an error
 */
public record StreamStats(
    long batches,
    long samples,
    long forwards,
    long backwards,
    long resets,
    long fallbacks,
    long rejected,
    long failed) {}

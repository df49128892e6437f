package io.acclimate.actors;

import io.acclimate.tta.AdaptationEvent;
import java.util.List;
import java.util.Optional;

/**
 * The answer to one batch. The arrays belong to the caller.
 *
 * @param sequence the number of the batch in its stream, from 0
 * @param stream the stream's id
 * @param size the number of samples
 * @param classes the number of classes
 * @param probabilities {@code [size, classes]}, row by row
 * @param labels the most probable class of each sample, {@code [size]}
 * @param frozenLabels the same without the method, {@code [size]}
 * @param method the method that made the answer
 * @param modelSha256 the frozen model that made it
 * @param fallback why the frozen output was given instead of the method's; empty in the normal case
 * @param events resets and choices of the method since the batch before
 * @param timings where the time went
 */
public record Prediction(
    long sequence,
    String stream,
    int size,
    int classes,
    float[] probabilities,
    int[] labels,
    int[] frozenLabels,
    String method,
    String modelSha256,
    Optional<String> fallback,
    List<AdaptationEvent> events,
    Timings timings) {}

package io.acclimate.replay.retrieval;

import io.acclimate.replay.memory.Exemplar;

/**
 * A stored sample near to a query.
 *
 * @param exemplar the sample
 * @param similarity cosine of the angle between sample and query, -1 to 1
 */
public record Neighbour(Exemplar exemplar, double similarity) {}

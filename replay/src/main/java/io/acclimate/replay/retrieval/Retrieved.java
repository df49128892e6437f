package io.acclimate.replay.retrieval;

import java.util.List;

/**
 * The answer to a query.
 *
 * @param version the version of the index that gave it
 * @param neighbours the nearest samples, the nearest first
 */
public record Retrieved(long version, List<Neighbour> neighbours) {}

/**
 * Provides retrieval of nearest neighbours from a store of samples that can be exchanged while it
 * is in use.
 *
 * <p>{@link io.acclimate.replay.retrieval.RetrievalIndex} is one version, immutable; {@link
 * io.acclimate.replay.retrieval.RetrievalStore} holds the one in force.
 */
package io.acclimate.replay.retrieval;

/**
 * Provides ways to find the adapter for a sample whose task is not known.
 *
 * <p>A {@link io.acclimate.bank.retrieval.RetrievalStrategy} is found by name through {@link
 * io.acclimate.bank.retrieval.RetrievalProvider}; it asks about the batch through a {@link
 * io.acclimate.bank.retrieval.RetrievalQuery} that the learner implements.
 */
package io.acclimate.bank.retrieval;

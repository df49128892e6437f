/**
 * Provides a runtime's streams to other processes: the Open Inference Protocol (version 2) over
 * HTTP with extensions for streams, a live page and the meters in Prometheus' format.
 *
 * <p>{@link io.acclimate.actors.serve.InferenceServer} is the entry; {@link
 * io.acclimate.actors.serve.ServeSettings} says where it listens and what it allows; {@link
 * io.acclimate.actors.serve.StreamCatalog} knows the streams. Everything else is not part of the
 * API.
 */
package io.acclimate.actors.serve;

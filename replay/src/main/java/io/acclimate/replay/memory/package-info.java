/**
 * Provides rehearsal memories: which samples of a stream are kept, within a capacity in samples and
 * in bytes, and which of them are drawn for rehearsal.
 *
 * <p>{@link io.acclimate.replay.memory.RehearsalMemory} is the interface; each policy states its
 * invariant. All are plain, single-threaded and deterministic objects whose state can be saved.
 */
package io.acclimate.replay.memory;

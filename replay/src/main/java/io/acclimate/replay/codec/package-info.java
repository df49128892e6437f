/**
 * Provides the binary format of the journal's records, documented in {@code docs/journal.md}.
 *
 * <p>{@link io.acclimate.replay.codec.RecordCodec} writes and reads one record with version, length
 * and checksum; the bodies of events are written field by field, without reflection and without
 * Java serialisation.
 */
package io.acclimate.replay.codec;

package io.acclimate.replay.event;

/**
 * An adapter was published to the bank.
 *
 * @param adapter the adapter's id
 * @param version its version, rising
 * @param task the task it was trained on; may be empty
 * @param sha256 SHA-256 of its values
 */
public record AdapterPublished(String adapter, long version, String task, String sha256)
    implements JournalEvent {}

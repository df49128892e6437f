package io.acclimate.bank.store;

/**
 * The one file of a bank that changes.
 *
 * @param format always {@link Manifest#FORMAT}
 * @param version the current version
 * @param last the greatest number any version had; the next one is one more, also after a rollback
 */
record Head(String format, long version, long last) {}

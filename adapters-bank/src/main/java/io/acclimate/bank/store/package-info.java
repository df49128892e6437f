/**
 * Provides the bank of adapters on disk: versions that never change, published and rolled back in
 * one step.
 *
 * <p>An {@link io.acclimate.bank.store.AdapterBank} is a folder:
 *
 * <pre>
 * HEAD                        which version is current
 * versions/42.json            version 42: the hashes of its index files, its states, its parent
 * index/HASH.json             some of the adapters of a version: hashes of their files, by name
 * adapters/ID/42.safetensors  the tensors of adapter ID as version 42 brought them
 * adapters/ID/42.json         their card
 * states/NAME/42.safetensors  statistics, prototypes and the like
 * LOCK                        held by the one process that writes
 * </pre>
 *
 * <p>Every file is written aside and renamed, and none but {@code HEAD} is ever changed. A process
 * that dies leaves the bank as it was; what it had written already is not referred to, and {@link
 * io.acclimate.bank.store.AdapterBank#prune} takes it away. An index file holds about a 256th of
 * the adapters and is shared by all versions in which those adapters are the same, so publishing
 * writes one of them and opening reads none.
 */
package io.acclimate.bank.store;

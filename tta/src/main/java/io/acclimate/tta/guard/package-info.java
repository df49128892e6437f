/**
 * Provides what keeps a method left running from doing harm: alarms and the way back.
 *
 * <p>A {@link io.acclimate.tta.guard.Guard} raises the alarm; {@link
 * io.acclimate.tta.guard.SnapshotRing} holds the states to go back to.
 */
package io.acclimate.tta.guard;

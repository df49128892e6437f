/**
 * Provides correctors for a label distribution that has moved: {@link
 * io.acclimate.tta.labelshift.PriorCorrection} in closed form with an exponential average, {@link
 * io.acclimate.tta.labelshift.LabelShiftEm} by expectation maximisation.
 */
package io.acclimate.tta.labelshift;

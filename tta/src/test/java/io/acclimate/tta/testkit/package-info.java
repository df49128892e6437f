/**
 * The contract that every corrector keeps, a user's own too: extend {@link
 * io.acclimate.tta.testkit.CorrectorContract} and name the provider. Published as the test-jar of
 * this module.
 */
package io.acclimate.tta.testkit;

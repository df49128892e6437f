/** Provides the controls every report shows beside the methods: the frozen model and the oracle. */
package io.acclimate.tta.controls;

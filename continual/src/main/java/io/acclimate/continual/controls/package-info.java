/**
 * Provides the controls that every continual learner is measured against: learning nothing but
 * class means, learning without care, and learning everything together.
 */
package io.acclimate.continual.controls;

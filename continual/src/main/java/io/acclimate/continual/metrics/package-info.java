/** Provides the measures of continual learning: what was learned, kept and passed on. */
package io.acclimate.continual.metrics;

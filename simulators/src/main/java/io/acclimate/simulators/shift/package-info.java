/** Provides the order of a simulated stream: which sample comes when, in which domain. */
package io.acclimate.simulators.shift;

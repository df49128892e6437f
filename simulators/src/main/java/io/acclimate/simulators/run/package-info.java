/**
 * Provides the simulation: it makes a scenario's streams, sends them through the actors and tallies
 * what comes back.
 *
 * <p>{@link io.acclimate.simulators.run.Simulation} is the entry.
 */
package io.acclimate.simulators.run;

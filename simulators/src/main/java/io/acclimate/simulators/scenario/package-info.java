/**
 * Provides scenarios: HOCON files that say which model meets which stream with which methods.
 *
 * <p>{@link io.acclimate.simulators.scenario.ScenarioLoader} reads one and reports all its mistakes
 * at once.
 */
package io.acclimate.simulators.scenario;

/** Provides the files of {@code acclimate cluster} and the load that it simulates. */
package io.acclimate.simulators.cluster;

/** Provides the files of {@code acclimate serve}: what they say and how they are read. */
package io.acclimate.simulators.serve;

/** Provides simulations of shifting streams, from the data to the report and the command line. */
package io.acclimate.simulators;

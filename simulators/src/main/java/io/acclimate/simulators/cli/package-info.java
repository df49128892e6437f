/**
 * Provides the {@code acclimate} command line.
 *
 * <p>Exit codes: 0 success, 2 bad usage or input, 130 interrupted, 1 anything else.
 */
package io.acclimate.simulators.cli;

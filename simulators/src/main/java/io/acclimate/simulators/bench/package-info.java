/**
 * Provides the benchmarks of the {@code bench} command: ratios, both sides measured in one run.
 *
 * <p>{@link io.acclimate.simulators.bench.PipelineBench} is the first.
 */
package io.acclimate.simulators.bench;

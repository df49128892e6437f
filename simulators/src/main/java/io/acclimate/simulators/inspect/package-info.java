/**
 * Provides what {@code inspect} shows of a model beyond its file: blocks and sites, operators
 * without a gradient, and the check of derived gradients.
 */
package io.acclimate.simulators.inspect;

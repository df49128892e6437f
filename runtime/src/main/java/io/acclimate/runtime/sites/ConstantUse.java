package io.acclimate.runtime.sites;

/**
 * A constant as one node reads it.
 *
 * @param constant the constant's name
 * @param node the reading node's name
 * @param operand the place among the node's inputs
 */
public record ConstantUse(String constant, String node, int operand) {}

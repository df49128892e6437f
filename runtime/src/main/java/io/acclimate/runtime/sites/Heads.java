package io.acclimate.runtime.sites;

/**
 * What is known of an attention with its values in the graph.
 *
 * @param heads the number of query heads
 * @param keyHeads the number of key and value heads
 * @param headSize the size of each head
 * @param scale what the products of queries and keys are multiplied by before the softmax
 * @param query the queries {@code [batch, heads, tokens, headSize]} or {@code [batch x heads,
 *     tokens, headSize]}
 * @param value the values, laid out alike
 * @param scores the operand of the softmax, scaled and masked
 */
public record Heads(
    long heads,
    long keyHeads,
    long headSize,
    double scale,
    String query,
    String value,
    String scores) {}

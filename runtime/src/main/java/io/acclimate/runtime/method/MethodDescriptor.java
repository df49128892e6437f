package io.acclimate.runtime.method;

/**
 * What a method is and needs.
 *
 * @param name the name in scenarios and reports, in kebab-case
 * @param kind what it changes
 * @param summary one sentence
 * @param paper authors, venue and arXiv number; empty for a control
 * @param needsFeatures whether it reads the model's features
 * @param needsLabels whether it reads the true labels: only controls of a simulation may
 */
public record MethodDescriptor(
    String name,
    MethodKind kind,
    String summary,
    String paper,
    boolean needsFeatures,
    boolean needsLabels) {}

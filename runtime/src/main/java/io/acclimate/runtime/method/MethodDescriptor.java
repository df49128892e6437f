package io.acclimate.runtime.method;

/**
 * What a method is, what it needs and what it costs.
 *
 * @param name the name in scenarios and reports, in kebab-case
 * @param kind what it changes
 * @param summary one sentence
 * @param paper authors, venue and arXiv number; empty for a control
 * @param needsFeatures whether it reads the model's features
 * @param needsLabels whether it reads the true labels: only controls of a simulation may
 * @param source what it needs of the source, beside the model
 * @param needsGradients whether it needs backward passes
 * @param changes which of the model's parameters it changes
 * @param forwardsPerBatch forward passes of the model for one batch, at least 1
 */
public record MethodDescriptor(
    String name,
    MethodKind kind,
    String summary,
    String paper,
    boolean needsFeatures,
    boolean needsLabels,
    SourceNeed source,
    boolean needsGradients,
    ParameterGroup changes,
    int forwardsPerBatch) {

  /** A method of one forward pass that needs nothing of the source and changes no parameter. */
  public MethodDescriptor(
      String name,
      MethodKind kind,
      String summary,
      String paper,
      boolean needsFeatures,
      boolean needsLabels) {
    this(
        name,
        kind,
        summary,
        paper,
        needsFeatures,
        needsLabels,
        SourceNeed.NONE,
        false,
        ParameterGroup.NONE,
        1);
  }

  /** The same with a need of the source. */
  public MethodDescriptor needing(SourceNeed need) {
    return new MethodDescriptor(
        name,
        kind,
        summary,
        paper,
        needsFeatures,
        needsLabels,
        need,
        needsGradients,
        changes,
        forwardsPerBatch);
  }
}

package io.acclimate.runtime.method;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/**
 * What a method is, what it needs and what it costs.
 *
 * @param name the name in scenarios and reports, in kebab-case
 * @param kind what it changes
 * @param summary one sentence
 * @param paper authors, venue and arXiv number; empty for a control
 * @param needsFeatures whether it reads the model's features
 * @param needsLabels whether it reads the true labels: only controls of a simulation may, and
 *     methods that were told to learn from them
 * @param sources what it needs of the source, beside the model; never holds {@link SourceNeed#NONE}
 * @param model how it runs the model itself
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
    Set<SourceNeed> sources,
    ModelNeed model,
    ParameterGroup changes,
    int forwardsPerBatch) {

  /** Copies the set. */
  public MethodDescriptor {
    EnumSet<SourceNeed> copy = EnumSet.noneOf(SourceNeed.class);
    copy.addAll(sources);
    copy.remove(SourceNeed.NONE);
    sources = Collections.unmodifiableSet(copy);
  }

  /** A method that needs one thing of the source and runs the model backwards or not at all. */
  public MethodDescriptor(
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
    this(
        name,
        kind,
        summary,
        paper,
        needsFeatures,
        needsLabels,
        Set.of(source),
        needsGradients ? ModelNeed.GRADIENTS : ModelNeed.NONE,
        changes,
        forwardsPerBatch);
  }

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

  /** The same with these needs of the source. */
  public MethodDescriptor needing(SourceNeed... needs) {
    return with(needsLabels, Set.of(needs), changes);
  }

  /** The same, changing these parameters. */
  public MethodDescriptor changing(ParameterGroup group) {
    return with(needsLabels, sources, group);
  }

  /** The same, reading the true labels or not. */
  public MethodDescriptor withLabels(boolean reads) {
    return with(reads, sources, changes);
  }

  private MethodDescriptor with(boolean labels, Set<SourceNeed> needs, ParameterGroup group) {
    return new MethodDescriptor(
        name, kind, summary, paper, needsFeatures, labels, needs, model, group, forwardsPerBatch);
  }

  /** The same with the needs of a method that it sits on. */
  public MethodDescriptor on(MethodDescriptor inner) {
    Set<SourceNeed> both = EnumSet.noneOf(SourceNeed.class);
    both.addAll(sources);
    both.addAll(inner.sources);
    return new MethodDescriptor(
        name,
        kind,
        summary,
        paper,
        needsFeatures || inner.needsFeatures,
        needsLabels || inner.needsLabels,
        both,
        model.compareTo(inner.model) >= 0 ? model : inner.model,
        changes,
        forwardsPerBatch + inner.forwardsPerBatch - 1);
  }

  /** Whether it needs this of the source. */
  public boolean needs(SourceNeed need) {
    return sources.contains(need);
  }

  /** Whether it runs the model itself, and so needs the inputs of batches. */
  public boolean runsModel() {
    return model != ModelNeed.NONE;
  }

  /** Whether it needs backward passes. */
  public boolean needsGradients() {
    return model == ModelNeed.GRADIENTS;
  }
}

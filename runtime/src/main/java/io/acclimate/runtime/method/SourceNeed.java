package io.acclimate.runtime.method;

/** What a method needs of the source domain, beside the model's outputs. */
public enum SourceNeed {
  /** Nothing: the method is free of the source. */
  NONE,
  /** The weights of the last linear layer, which the model's file holds. */
  HEAD,
  /** Statistics that were taken of source samples once, before deployment. */
  STATISTICS,
  /** How much each weight matters to the source, measured once, before deployment. */
  FISHER,
  /** A consistency loss that was learned on source samples once, before deployment. */
  CONSISTENCY,
  /** A label shift adapter that was learned on source samples once, before deployment. */
  LABEL_SHIFT,
  /** Source samples themselves. */
  DATA
}

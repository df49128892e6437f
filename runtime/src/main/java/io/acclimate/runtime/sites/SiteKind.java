package io.acclimate.runtime.sites;

/** What a {@link Site} is in its model. */
public enum SiteKind {
  /** A linear layer that is none of the more special ones; as a selection: any linear layer. */
  LINEAR,
  /** The projection to an attention's queries. */
  ATTENTION_Q,
  /** The projection to an attention's keys. */
  ATTENTION_K,
  /** The projection to an attention's values. */
  ATTENTION_V,
  /** The projection of an attention's result. */
  ATTENTION_O,
  /** A first linear layer of a feed-forward network; a gated one has two. */
  FFN_UP,
  /** The second linear layer of a feed-forward network. */
  FFN_DOWN,
  /** A whole attention, from what it reads to what is added to the residual stream. */
  ATTENTION_OUTPUT,
  /** A whole feed-forward network, from what it reads to what is added to the residual stream. */
  FFN_OUTPUT,
  /** A whole transformer block. */
  BLOCK_OUTPUT,
  /** The keys and values of an attention. */
  KV,
  /** A normalisation with weights. */
  NORM,
  /** A convolution. */
  CONV,
  /** The sequence of tokens that enters the first block. */
  TOKENS,
  /** An input of the model with floating-point numbers. */
  INPUT,
  /** The linear layer whose result is an output of the model. */
  HEAD,
  /** An output of the model with floating-point numbers. */
  OUTPUT;

  /** Whether sites of this kind have a weight matrix. */
  public boolean isLinear() {
    return switch (this) {
      case LINEAR, ATTENTION_Q, ATTENTION_K, ATTENTION_V, ATTENTION_O, FFN_UP, FFN_DOWN, HEAD ->
          true;
      default -> false;
    };
  }

  /** Whether a selection of this kind takes in sites of another one. */
  public boolean includes(SiteKind other) {
    return this == other || this == LINEAR && other.isLinear();
  }
}

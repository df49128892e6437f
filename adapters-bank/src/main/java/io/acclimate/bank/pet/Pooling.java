package io.acclimate.bank.pet;

/** How a sequence {@code [batch, tokens, size]} becomes features {@code [batch, size]}. */
public enum Pooling {
  /** The mean over the tokens; a mask may leave some out. */
  MEAN,
  /** The first token. */
  FIRST
}

package io.acclimate.bank.pet;

/** Which sites of a module have parameters in common. */
public enum Sharing {
  /** None: each site has its own. */
  NONE,
  /** Equal places of all blocks: {@code block0.ffn} and {@code block1.ffn}. */
  ACROSS_LAYERS
}

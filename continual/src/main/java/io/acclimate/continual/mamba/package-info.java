/**
 * Provides Mamba-FSCIL: few-shot classes are learned by a second selective projector beside a
 * frozen one, towards directions that are fixed in advance (Li et al., Mamba-FSCIL: Dynamic
 * Adaptation with Selective State Space Model for Few-Shot Class-Incremental Learning, arXiv
 * 2407.06136).
 */
package io.acclimate.continual.mamba;

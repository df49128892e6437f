/**
 * Provides the selective projector: state-space scans over a frozen model's token map whose decay,
 * input and output depend on the tokens (Mamba: Gu and Dao, arXiv 2312.00752), as graphs that
 * {@link io.acclimate.runtime.autodiff.Autodiff} differentiates.
 *
 * <p>The parts know of no learner: whoever has a token map and a loss can train them, at training
 * or at test time.
 */
package io.acclimate.bank.selective;

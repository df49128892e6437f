/**
 * Provides MOS: adapters of tasks that are drawn together while they learn, a head that is aligned
 * with what is remembered of the classes, and adapters that are found again by what they predict.
 *
 * <p>Sun et al., MOS: Model Surgery for Pre-Trained Model-Based Class-Incremental Learning, AAAI
 * 2025, arXiv 2412.09441.
 */
package io.acclimate.continual.mos;

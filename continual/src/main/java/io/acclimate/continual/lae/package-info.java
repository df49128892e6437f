/**
 * Provides LAE: learning, accumulation, ensemble (Gao et al., A Unified Continual Learning
 * Framework with General Parameter-Efficient Tuning, ICCV 2023, arXiv 2303.10070).
 */
package io.acclimate.continual.lae;

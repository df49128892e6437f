/**
 * Provides half fine-tuning: in each task a random half of the modules learns, the other half keeps
 * its values (Hui et al., HFT: Half Fine-Tuning for Large Language Models, ACL 2025, arXiv
 * 2404.18466).
 */
package io.acclimate.continual.hft;

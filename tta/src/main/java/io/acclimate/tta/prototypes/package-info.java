/**
 * Provides classification by prototypes that are collected at test time: {@link
 * io.acclimate.tta.prototypes.T3a}.
 */
package io.acclimate.tta.prototypes;

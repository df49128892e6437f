/**
 * Provides ConPET: continual tuning of small modules with compute that does not grow with the
 * number of tasks. The static form tunes one set of modules and hosts a method against forgetting;
 * the dynamic form has a module for each task and a selector that tells which one to ask.
 *
 * <p>Song et al., ConPET: Continual Parameter-Efficient Tuning for Large Language Models, 2023,
 * arXiv 2309.14763.
 */
package io.acclimate.continual.conpet;

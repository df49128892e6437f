/**
 * Provides scenarios of continual learning: samples arrive in tasks, or in a stream that changes
 * without a word, and continual learners are measured on all tasks seen.
 */
package io.acclimate.simulators.tasks;

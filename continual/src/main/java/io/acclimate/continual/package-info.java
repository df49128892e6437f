/** Provides continual learners: algorithms that learn a sequence of tasks without forgetting. */
package io.acclimate.continual;

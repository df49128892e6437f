/**
 * Provides class-incremental scenarios: classes of a dataset arrive in tasks, and continual
 * learners are measured on all classes seen.
 */
package io.acclimate.simulators.tasks;

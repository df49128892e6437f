/**
 * Provides what learners share that tune modules inside of a frozen model: the {@link
 * io.acclimate.continual.tuning.TaskModel} with its growing head, and its training task by task.
 */
package io.acclimate.continual.tuning;

/** Provides what tells, without labels and without being told, that a stream has changed. */
package io.acclimate.continual.shift;

/** Provides the journal of a runtime and the rehearsal memories over it. */
package io.acclimate.replay;

/** Provides small helpers for names that people read and type. */
package io.acclimate.runtime.text;

/** Provides reading and writing of files: NumPy arrays and atomic replacement. */
package io.acclimate.runtime.io;

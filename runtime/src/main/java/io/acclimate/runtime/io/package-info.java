/** Provides reading and writing of files: NumPy arrays, safetensors and atomic replacement. */
package io.acclimate.runtime.io;

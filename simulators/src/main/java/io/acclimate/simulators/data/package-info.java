/** Provides labelled datasets in memory and their readers for IDX, CSV and NumPy files. */
package io.acclimate.simulators.data;

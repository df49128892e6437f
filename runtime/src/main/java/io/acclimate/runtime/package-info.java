/** Provides frozen ONNX models and the plain types every other module builds on. */
package io.acclimate.runtime;

/**
 * Provides ONNX graphs as immutable values that can be read, specialised, extended and written.
 *
 * <p>A {@link io.acclimate.runtime.graph.ModelGraph} is read from a file by {@link
 * io.acclimate.runtime.graph.OnnxFormat} and changed through a {@link
 * io.acclimate.runtime.graph.GraphBuilder}, whose {@link io.acclimate.runtime.graph.Ops} append
 * operators and infer the types of their results.
 */
package io.acclimate.runtime.graph;

package io.acclimate.tta.gradient;

import io.acclimate.runtime.graph.Constant;
import io.acclimate.runtime.graph.GraphBuilder;
import io.acclimate.runtime.graph.ModelGraph;
import java.util.Map;

/** Makes the parameters that a method changes inputs of the model's graph. */
@FunctionalInterface
public interface ParameterScope {
  /**
   * A changed graph.
   *
   * @param graph with the parameters as inputs
   * @param start the parameters' names and where they start
   */
  record Attached(GraphBuilder graph, Map<String, Constant> start) {}

  /**
   * Changes a copy of a graph.
   *
   * @throws io.acclimate.runtime.AcclimateException when the graph has no such parameters
   */
  Attached attach(ModelGraph graph);
}

package io.acclimate.tta.gradient;

import io.acclimate.runtime.graph.Constant;
import io.acclimate.runtime.graph.GraphBuilder;
import java.util.Map;

/** Makes the parameters that a method changes inputs of the model's graph. */
@FunctionalInterface
public interface ParameterScope {
  /**
   * Changes the graph.
   *
   * @return the parameters' names and where they start
   */
  Map<String, Constant> attach(GraphBuilder graph);
}

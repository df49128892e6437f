package io.acclimate.runtime.autodiff;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.graph.Attributes;
import io.acclimate.runtime.graph.Ops;
import java.util.Map;

/**
 * Gradient rules of operators that place elements by index.
 *
 * <p>Without a reduction each place may be named once only, as ONNX asks. The product of the
 * updates of a place has no rule.
 */
final class ScatterGradients {
  private final BackwardContext node;
  private final Ops ops;
  private final boolean elements;

  private ScatterGradients(BackwardContext node, boolean elements) {
    this.node = node;
    this.ops = node.ops();
    this.elements = elements;
  }

  static void register(Map<String, GradientRule> rules) {
    rules.put("ScatterElements", node -> new ScatterGradients(node, true).backward());
    rules.put("ScatterND", node -> new ScatterGradients(node, false).backward());
  }

  private void backward() {
    String reduction = node.attributes().text("reduction", "none");
    switch (reduction) {
      case "none" -> replaced();
      case "add" -> added();
      case "max", "min" -> extremum();
      default ->
          throw new AcclimateException(
              "%s: reduction '%s' has no gradient rule; those of none, add, max and min exist"
                  .formatted(node.node(), reduction));
    }
  }

  private void replaced() {
    if (node.wants(0)) {
      String zeros = AxisScatter.zerosLike(ops, node.input(2));
      node.give(0, place(node.gradient(), zeros, "none"));
    }
    if (node.wants(2)) {
      node.give(2, pick(node.gradient()));
    }
  }

  private void added() {
    if (node.wants(0)) {
      node.give(0, node.gradient());
    }
    if (node.wants(2)) {
      node.give(2, pick(node.gradient()));
    }
  }

  /** The gradient goes to the elements that reach the extremum, in equal parts where several do. */
  private void extremum() {
    String data = ops.indicator(ops.equal(node.input(0), node.output()), node.output());
    String updates = ops.indicator(ops.equal(node.input(2), pick(node.output())), node.output());
    String share = ops.div(node.gradient(), place(data, updates, "add"));
    if (node.wants(0)) {
      node.give(0, ops.mul(share, data));
    }
    if (node.wants(2)) {
      node.give(2, ops.mul(pick(share), updates));
    }
  }

  /** The elements of a value at the places that the node writes, in the shape of the updates. */
  private String pick(String value) {
    String picked =
        elements
            ? ops.op("GatherElements", axis(), value, node.input(1))
            : ops.op("GatherND", Attributes.NONE, value, node.input(1));
    return ops.reshapeLike(picked, node.input(2));
  }

  private String place(String data, String updates, String reduction) {
    Attributes attributes = (elements ? axis() : Attributes.NONE).and("reduction", reduction);
    return ops.op(node.node().op(), attributes, data, node.input(1), updates);
  }

  private Attributes axis() {
    return Attributes.of("axis", node.attributes().integer("axis", 0));
  }
}

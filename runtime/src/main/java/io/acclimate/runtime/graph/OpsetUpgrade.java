package io.acclimate.runtime.graph;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Adds nodes of older operator sets in the form that {@link GraphBuilder#OPSET} gives them. Nodes
 * of that set and later ones are added as they are.
 */
final class OpsetUpgrade {
  private static final Set<String> AXES_INPUT_SINCE_13 =
      Set.of("Squeeze", "Unsqueeze", "ReduceSum");
  private static final Set<String> AXES_INPUT_SINCE_18 =
      Set.of(
          "ReduceMean",
          "ReduceMax",
          "ReduceMin",
          "ReduceProd",
          "ReduceL1",
          "ReduceL2",
          "ReduceSumSquare",
          "ReduceLogSum",
          "ReduceLogSumExp");

  private final GraphBuilder graph;
  private final Map<String, ValueType> declared;
  private final long opset;

  OpsetUpgrade(GraphBuilder graph, Map<String, ValueType> declared, long opset) {
    this.graph = graph;
    this.declared = declared;
    this.opset = opset;
  }

  void add(Node node) {
    if (!node.domain().isEmpty() || opset >= GraphBuilder.OPSET && !node.is("Dropout")) {
      adopt(node);
      return;
    }
    if (AXES_INPUT_SINCE_13.contains(node.op()) || AXES_INPUT_SINCE_18.contains(node.op())) {
      adopt(attributeToInput(node, "axes", 1));
      return;
    }
    switch (node.op()) {
      case "Softmax", "LogSoftmax", "Hardmax" -> softmax(node);
      case "Dropout" -> adopt(dropout(node));
      case "Split" -> adopt(split(node));
      case "Slice" ->
          adopt(
              attributeToInput(
                  attributeToInput(attributeToInput(node, "starts", 1), "ends", 2), "axes", 3));
      case "Pad" -> adopt(attributeToScalar(attributeToInput(node, "pads", 1), "value", 2));
      case "Clip" -> adopt(attributeToScalar(attributeToScalar(node, "min", 1), "max", 2));
      case "TopK" -> adopt(attributeToInput(node, "k", 1));
      case "BatchNormalization" -> adopt(inferenceOnly(node));
      case "Scatter" -> adopt(renamed(node, "ScatterElements"));
      case "Upsample", "Resize" -> adopt(resize(node));
      case "GridSample" -> adopt(gridSample(node));
      default -> adopt(node);
    }
  }

  /** Adds a node with declared types, or inferred ones where the file declares none. */
  private void adopt(Node node) {
    graph.adopt(node, declared);
  }

  private static Node renamed(Node node, String op) {
    return new Node(
        node.name(), op, node.domain(), node.inputs(), node.outputs(), node.attributes());
  }

  private static Node changed(Node node, List<String> inputs, Attributes attributes) {
    return new Node(node.name(), node.op(), node.domain(), inputs, node.outputs(), attributes);
  }

  private Node attributeToInput(Node node, String attribute, int place) {
    if (!node.attributes().has(attribute)) {
      return node;
    }
    long[] values =
        attribute.equals("k")
            ? new long[] {node.attributes().integer(attribute, 0)}
            : node.attributes().integers(attribute);
    return withInput(node, attribute, place, graph.constant(Constant.ofList(values)));
  }

  private Node attributeToScalar(Node node, String attribute, int place) {
    if (!node.attributes().has(attribute)) {
      return node;
    }
    DType type = graph.has(node.input(0)) ? graph.type(node.input(0)).type() : DType.FLOAT32;
    double value = node.attributes().number(attribute, 0);
    return withInput(node, attribute, place, graph.constant(Constant.scalar(type, value)));
  }

  private static Node withInput(Node node, String attribute, int place, String value) {
    List<String> inputs = new ArrayList<>(node.inputs());
    while (inputs.size() <= place) {
      inputs.add("");
    }
    inputs.set(place, value);
    return changed(node, inputs, node.attributes().without(attribute));
  }

  /** Before set 13 all axes from {@code axis} (default 1) on were one for the softmax. */
  private void softmax(Node node) {
    if (opset >= 13) {
      adopt(node);
      return;
    }
    long axis = node.attributes().integer("axis", 1);
    ValueType type = graph.has(node.input(0)) ? graph.type(node.input(0)) : null;
    if (type != null && type.shape().axis(axis) == type.shape().rank() - 1) {
      adopt(changed(node, node.inputs(), Attributes.of("axis", -1)));
      return;
    }
    String x = node.input(0);
    String rows = append("Flatten", Attributes.of("axis", axis), x);
    String normalised = append(node.op(), Attributes.of("axis", -1), rows);
    String shape = append("Shape", Attributes.NONE, x);
    adopt(changed(renamed(node, "Reshape"), List.of(normalised, shape), Attributes.NONE));
  }

  /** Adds a node whose operands may be of unknown type. */
  private String append(String op, Attributes attributes, String... operands) {
    String result = graph.fresh(op);
    String nodeName = graph.fresh(op + ".node");
    adopt(new Node(nodeName, op, "", List.of(operands), List.of(result), attributes));
    return result;
  }

  /** Until set 10 images were enlarged without regard to the centres of pixels. */
  private Node resize(Node node) {
    if (opset >= 11) {
      return node;
    }
    Attributes attributes =
        Attributes.of("mode", node.attributes().text("mode", "nearest"))
            .and("coordinate_transformation_mode", "asymmetric")
            .and("nearest_mode", "floor");
    double[] given = node.attributes().numbers("scales");
    String scales =
        given == null
            ? node.input(1)
            : graph.constant(Constant.ofDoubles(DType.FLOAT32, given, given.length));
    return changed(renamed(node, "Resize"), List.of(node.input(0), "", scales), attributes);
  }

  /** Set 20 renamed the modes. */
  private Node gridSample(Node node) {
    String mode =
        switch (node.attributes().text("mode", "bilinear")) {
          case "bilinear" -> "linear";
          case "bicubic" -> "cubic";
          default -> "nearest";
        };
    return changed(node, node.inputs(), node.attributes().and("mode", mode));
  }

  /** Dropout gives its input on when a model is only used. */
  private static Node dropout(Node node) {
    return new Node(
        node.name(),
        "Identity",
        "",
        node.inputs().subList(0, 1),
        node.outputs().subList(0, 1),
        Attributes.NONE);
  }

  private Node split(Node node) {
    Node changed = attributeToInput(node, "split", 1);
    return changed.hasInput(1) || changed.attributes().has("num_outputs")
        ? changed
        : changed(
            changed,
            changed.inputs(),
            changed.attributes().and("num_outputs", node.outputs().size()));
  }

  private static Node inferenceOnly(Node node) {
    if (node.attributes().integer("spatial", 1) == 0) {
      throw new AcclimateException(
          node + ": normalisation of each element by itself (spatial=0) is not supported");
    }
    return changed(node, node.inputs(), node.attributes().without("spatial"))
        .withOutputs(node.outputs().subList(0, 1));
  }
}

package io.acclimate.runtime.graph;

import ai.onnx.proto.OnnxMl;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.DType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Turns ONNX's form of a model into a graph. One model, one instance. */
final class OnnxReader {
  private static final long OLDEST_OPSET = 7;

  private final OnnxMl.ModelProto model;
  private final GraphBuilder graph;
  private final long opset;
  private final Set<String> written = new HashSet<>();

  OnnxReader(OnnxMl.ModelProto model) {
    this.model = model;
    this.graph = new GraphBuilder(model.getGraph().getName());
    long found = 0;
    for (OnnxMl.OperatorSetIdProto set : model.getOpsetImportList()) {
      if (set.getDomain().isEmpty() || set.getDomain().equals("ai.onnx")) {
        found = set.getVersion();
      } else {
        graph.opset(set.getDomain(), set.getVersion());
      }
    }
    this.opset = found;
    graph.opset("", Math.max(found, GraphBuilder.OPSET));
  }

  ModelGraph read(String name) {
    if (opset < OLDEST_OPSET || model.getFunctionsCount() > 0) {
      throw new AcclimateException(
          "expected an ONNX model of operator set %d or later without local functions, found %d"
              .formatted(OLDEST_OPSET, opset));
    }
    OnnxMl.GraphProto proto = model.getGraph();
    Map<String, ValueType> declared = OnnxFormat.declaredTypes(proto.getValueInfoList());
    declared.putAll(OnnxFormat.declaredTypes(proto.getOutputList()));
    model.getMetadataPropsList().forEach(p -> graph.metadata(p.getKey(), p.getValue()));
    proto
        .getInitializerList()
        .forEach(
            tensor -> {
              String tensorName = tensor.getName();
              graph.constant(tensorName, constant("tensor '" + tensorName + "'", tensor));
            });
    Map<String, ValueType> inputs = OnnxFormat.declaredTypes(proto.getInputList());
    for (OnnxMl.ValueInfoProto input : proto.getInputList()) {
      if (graph.constantValue(input.getName()).isEmpty()) {
        graph.input(input.getName(), requireTensor(input, inputs));
      }
    }
    OpsetUpgrade upgrade = new OpsetUpgrade(graph, declared, opset);
    int number = 0;
    for (OnnxMl.NodeProto node : proto.getNodeList()) {
      add(upgrade, node, number++);
    }
    proto.getOutputList().forEach(output -> graph.outputOfFile(output.getName()));
    ModelGraph read = graph.build();
    requireComplete(read);
    return read;
  }

  /** Whether every value that is read, or given to the caller, comes from somewhere. */
  private static void requireComplete(ModelGraph read) {
    Set<String> known = new HashSet<>(read.inputs());
    known.addAll(read.constants().keySet());
    known.add("");
    read.nodes().forEach(node -> known.addAll(node.outputs()));
    for (Node node : read.nodes()) {
      requireKnown(known, node.inputs(), node.toString());
    }
    requireKnown(known, read.outputs(), "the list of outputs");
  }

  private static void requireKnown(Set<String> known, List<String> values, String reader) {
    for (String value : values) {
      if (!known.contains(value)) {
        throw new AcclimateException(
            "%s names the value '%s', which nothing gives".formatted(reader, value));
      }
    }
  }

  private static Constant constant(String where, OnnxMl.TensorProto tensor) {
    try {
      return Constant.of(tensor);
    } catch (AcclimateException e) {
      throw new AcclimateException(where + ": " + e.getMessage(), e);
    }
  }

  private static ValueType requireTensor(
      OnnxMl.ValueInfoProto input, Map<String, ValueType> types) {
    ValueType type = types.get(input.getName());
    if (type == null) {
      throw new AcclimateException(
          "input '%s': expected a tensor of known rank, found %s"
              .formatted(input.getName(), input.getType().getValueCase()));
    }
    return type;
  }

  private void add(OpsetUpgrade upgrade, OnnxMl.NodeProto proto, int number) {
    String domain = proto.getDomain().equals("ai.onnx") ? "" : proto.getDomain();
    String name = proto.getName().isEmpty() ? proto.getOpType() + "#" + number : proto.getName();
    Attributes attributes = attributes(name, proto);
    requireWritten(name, proto.getOutputList());
    if (domain.isEmpty() && proto.getOpType().equals("Constant")) {
      graph.constant(proto.getOutput(0), constantOf(name, attributes));
      return;
    }
    List<String> outputs = new ArrayList<>(proto.getOutputList());
    while (outputs.size() > 1 && outputs.get(outputs.size() - 1).isEmpty()) {
      outputs.remove(outputs.size() - 1);
    }
    upgrade.add(
        new Node(
            graph.uniqueNodeName(name),
            proto.getOpType(),
            domain,
            proto.getInputList(),
            outputs,
            attributes));
  }

  private void requireWritten(String node, List<String> outputs) {
    if (outputs.isEmpty()) {
      throw new AcclimateException("node '%s' has no result".formatted(node));
    }
    for (String value : outputs) {
      if (!value.isEmpty() && !written.add(value)) {
        throw new AcclimateException(
            "node '%s': the value '%s' is written twice".formatted(node, value));
      }
    }
  }

  private static Constant constantOf(String name, Attributes attributes) {
    if (attributes.has("value")) {
      return attributes.constant("value");
    }
    if (attributes.has("value_int")) {
      return Constant.ofLongs(new long[] {attributes.integer("value_int", 0)});
    }
    if (attributes.has("value_ints")) {
      return Constant.ofList(attributes.integers("value_ints"));
    }
    if (attributes.has("value_float")) {
      return Constant.scalar(DType.FLOAT32, attributes.number("value_float", 0));
    }
    if (attributes.has("value_floats")) {
      double[] values = attributes.numbers("value_floats");
      return Constant.ofDoubles(DType.FLOAT32, values, values.length);
    }
    throw new AcclimateException(
        "node '%s': expected a numeric constant, found %s"
            .formatted(name, attributes.values().keySet()));
  }

  private static Attributes attributes(String node, OnnxMl.NodeProto proto) {
    Map<String, Object> values = new LinkedHashMap<>();
    for (OnnxMl.AttributeProto attribute : proto.getAttributeList()) {
      Object value =
          switch (attribute.getType()) {
            case INT -> attribute.getI();
            case FLOAT -> attribute.getF();
            case STRING -> attribute.getS().toStringUtf8();
            case INTS -> attribute.getIntsList();
            case FLOATS -> attribute.getFloatsList();
            case STRINGS ->
                attribute.getStringsList().stream().map(text -> text.toStringUtf8()).toList();
            case TENSOR -> constant("node '" + node + "'", attribute.getT());
            default ->
                throw new AcclimateException(
                    "node '%s' (%s): attributes of type %s, as control flow has, are not supported"
                        .formatted(node, proto.getOpType(), attribute.getType()));
          };
      values.put(attribute.getName(), value instanceof List<?> list ? List.copyOf(list) : value);
    }
    return new Attributes(values);
  }
}

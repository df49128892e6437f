package io.acclimate.runtime.graph;

import ai.onnx.proto.OnnxMl;
import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.AttributeProto.AttributeType;
import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;

/** Builds ONNX files of any operator set, also such as this library would not write. */
final class OnnxProtos {
  private final OnnxMl.ModelProto.Builder model;
  private final OnnxMl.GraphProto.Builder graph = OnnxMl.GraphProto.newBuilder().setName("of-old");

  OnnxProtos(long opset) {
    model =
        OnnxMl.ModelProto.newBuilder()
            .setIrVersion(7)
            .addOpsetImport(OnnxMl.OperatorSetIdProto.newBuilder().setVersion(opset));
  }

  OnnxMl.ModelProto.Builder model() {
    return model;
  }

  OnnxMl.GraphProto.Builder graph() {
    return graph;
  }

  OnnxProtos input(String name, Object... dims) {
    graph.addInput(value(name, dims));
    return this;
  }

  OnnxProtos output(String name) {
    OnnxMl.TypeProto.Tensor tensor =
        OnnxMl.TypeProto.Tensor.newBuilder()
            .setElemType(OnnxMl.TensorProto.DataType.FLOAT_VALUE)
            .build();
    graph.addOutput(
        OnnxMl.ValueInfoProto.newBuilder()
            .setName(name)
            .setType(OnnxMl.TypeProto.newBuilder().setTensorType(tensor)));
    return this;
  }

  OnnxProtos node(String op, String inputs, String outputs, AttributeProto... attributes) {
    graph.addNode(
        OnnxMl.NodeProto.newBuilder()
            .setOpType(op)
            .addAllInput(names(inputs))
            .addAllOutput(names(outputs))
            .addAllAttribute(List.of(attributes)));
    return this;
  }

  OnnxProtos initializer(String name, Constant value) {
    graph.addInitializer(value.toProto(name));
    return this;
  }

  /** The file's bytes. */
  byte[] bytes() {
    return model.setGraph(graph).build().toByteArray();
  }

  private static List<String> names(String list) {
    return list.isEmpty() ? List.of() : List.of(list.split(",", -1));
  }

  /** A float32 value; dimensions are sizes, symbols, or "" for one without a name. */
  static OnnxMl.ValueInfoProto value(String name, Object... dims) {
    OnnxMl.TensorShapeProto.Builder shape = OnnxMl.TensorShapeProto.newBuilder();
    for (Object dim : dims) {
      OnnxMl.TensorShapeProto.Dimension.Builder one =
          OnnxMl.TensorShapeProto.Dimension.newBuilder();
      if (dim instanceof Integer size) {
        one.setDimValue(size);
      } else if (!dim.equals("")) {
        one.setDimParam((String) dim);
      }
      shape.addDim(one);
    }
    OnnxMl.TypeProto.Tensor tensor =
        OnnxMl.TypeProto.Tensor.newBuilder()
            .setElemType(OnnxMl.TensorProto.DataType.FLOAT_VALUE)
            .setShape(shape)
            .build();
    return OnnxMl.ValueInfoProto.newBuilder()
        .setName(name)
        .setType(OnnxMl.TypeProto.newBuilder().setTensorType(tensor))
        .build();
  }

  static AttributeProto of(String name, long number) {
    return typed(name, AttributeType.INT).setI(number).build();
  }

  static AttributeProto of(String name, double number) {
    return typed(name, AttributeType.FLOAT).setF((float) number).build();
  }

  static AttributeProto of(String name, String text) {
    return typed(name, AttributeType.STRING).setS(ByteString.copyFromUtf8(text)).build();
  }

  static AttributeProto of(String name, Constant value) {
    return typed(name, AttributeType.TENSOR).setT(value.toProto("")).build();
  }

  static AttributeProto longs(String name, long... numbers) {
    AttributeProto.Builder attribute = typed(name, AttributeType.INTS);
    for (long number : numbers) {
      attribute.addInts(number);
    }
    return attribute.build();
  }

  static AttributeProto floats(String name, double... numbers) {
    List<Float> values = new ArrayList<>();
    for (double number : numbers) {
      values.add((float) number);
    }
    return typed(name, AttributeType.FLOATS).addAllFloats(values).build();
  }

  static AttributeProto texts(String name, String... texts) {
    AttributeProto.Builder attribute = typed(name, AttributeType.STRINGS);
    for (String text : texts) {
      attribute.addStrings(ByteString.copyFromUtf8(text));
    }
    return attribute.build();
  }

  static AttributeProto.Builder typed(String name, AttributeType type) {
    return AttributeProto.newBuilder().setName(name).setType(type);
  }
}

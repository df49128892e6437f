package io.acclimate.tta.blackbox;

import ai.onnx.proto.OnnxMl;
import com.google.protobuf.ByteString;
import io.acclimate.runtime.Device;
import io.acclimate.runtime.FrozenModel;
import io.acclimate.runtime.ModelOptions;
import io.acclimate.runtime.SeedTree;
import org.apache.commons.rng.UniformRandomProvider;

/**
 * A dynamically quantised linear model, which has no gradient: one integer product of the input.
 */
final class QuantizedNetwork {
  private QuantizedNetwork() {}

  /** Opens a model of {@code x [batch, size]} with an output {@code logits [batch, classes]}. */
  static FrozenModel open(int size, int classes) {
    OnnxMl.GraphProto graph =
        OnnxMl.GraphProto.newBuilder()
            .setName("quantized")
            .addInput(value("x", size))
            .addOutput(value("logits", classes))
            .addInitializer(weights(size, classes))
            .addInitializer(
                OnnxMl.TensorProto.newBuilder()
                    .setName("unit")
                    .setDataType(OnnxMl.TensorProto.DataType.FLOAT_VALUE)
                    .addFloatData(0.02f))
            .addNode(
                node("DynamicQuantizeLinear", "x").addOutput("q").addOutput("s").addOutput("z"))
            .addNode(node("MatMulInteger", "q", "w", "z").addOutput("sums"))
            .addNode(
                node("Cast", "sums")
                    .addOutput("floats")
                    .addAttribute(
                        OnnxMl.AttributeProto.newBuilder()
                            .setName("to")
                            .setType(OnnxMl.AttributeProto.AttributeType.INT)
                            .setI(1)))
            .addNode(node("Mul", "s", "unit").addOutput("scale"))
            .addNode(node("Mul", "floats", "scale").addOutput("logits"))
            .build();
    byte[] bytes =
        OnnxMl.ModelProto.newBuilder()
            .setIrVersion(8)
            .addOpsetImport(OnnxMl.OperatorSetIdProto.newBuilder().setVersion(13))
            .setGraph(graph)
            .build()
            .toByteArray();
    return FrozenModel.open("quantized", bytes, new ModelOptions(Device.CPU, 1));
  }

  private static OnnxMl.NodeProto.Builder node(String op, String... inputs) {
    OnnxMl.NodeProto.Builder node = OnnxMl.NodeProto.newBuilder().setOpType(op);
    for (String input : inputs) {
      node.addInput(input);
    }
    return node;
  }

  private static OnnxMl.ValueInfoProto value(String name, int columns) {
    OnnxMl.TensorShapeProto shape =
        OnnxMl.TensorShapeProto.newBuilder()
            .addDim(OnnxMl.TensorShapeProto.Dimension.newBuilder().setDimParam("batch"))
            .addDim(OnnxMl.TensorShapeProto.Dimension.newBuilder().setDimValue(columns))
            .build();
    return OnnxMl.ValueInfoProto.newBuilder()
        .setName(name)
        .setType(
            OnnxMl.TypeProto.newBuilder()
                .setTensorType(OnnxMl.TypeProto.Tensor.newBuilder().setElemType(1).setShape(shape)))
        .build();
  }

  private static OnnxMl.TensorProto weights(int size, int classes) {
    UniformRandomProvider random = SeedTree.of(8).generator();
    byte[] values = new byte[size * classes];
    random.nextBytes(values);
    return OnnxMl.TensorProto.newBuilder()
        .setName("w")
        .setDataType(OnnxMl.TensorProto.DataType.INT8_VALUE)
        .addDims(size)
        .addDims(classes)
        .setRawData(ByteString.copyFrom(values))
        .build();
  }
}

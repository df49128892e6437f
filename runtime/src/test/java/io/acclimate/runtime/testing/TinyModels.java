package io.acclimate.runtime.testing;

import ai.onnx.proto.OnnxMl;
import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes small ONNX models for tests. */
public final class TinyModels {
  private TinyModels() {}

  /**
   * Writes a linear classifier: {@code features = relu(x)}, {@code logits = features W}.
   *
   * @param weights {@code [inputs, classes]}, row by row
   */
  public static Path linear(Path file, int inputs, int classes, float[] weights)
      throws IOException {
    return write(file, inputs, classes, weights, "features");
  }

  /** The same model with its features under another name. */
  public static Path write(Path file, int inputs, int classes, float[] weights, String featuresName)
      throws IOException {
    OnnxMl.GraphProto graph =
        OnnxMl.GraphProto.newBuilder()
            .setName("linear")
            .addInput(value("x", "batch", inputs))
            .addOutput(value("logits", "batch", classes))
            .addOutput(value(featuresName, "batch", inputs))
            .addInitializer(initializer("w", weights, inputs, classes))
            .addNode(node("Relu", featuresName, "x"))
            .addNode(node("MatMul", "logits", featuresName, "w"))
            .build();
    return write(file, graph);
  }

  /**
   * Writes a model that casts to float32: {@code y = float(x)}, both {@code [batch, columns]}.
   *
   * @param inputType the input's ONNX data type
   */
  public static Path cast(Path file, int inputType, int columns) throws IOException {
    OnnxMl.ValueInfoProto.Builder input = value("x", "batch", columns).toBuilder();
    input.getTypeBuilder().getTensorTypeBuilder().setElemType(inputType);
    OnnxMl.AttributeProto toFloat =
        OnnxMl.AttributeProto.newBuilder()
            .setName("to")
            .setType(OnnxMl.AttributeProto.AttributeType.INT)
            .setI(OnnxMl.TensorProto.DataType.FLOAT_VALUE)
            .build();
    return write(
        file,
        OnnxMl.GraphProto.newBuilder()
            .setName("cast")
            .addInput(input)
            .addOutput(value("y", "batch", columns))
            .addNode(node("Cast", "y", "x").toBuilder().addAttribute(toFloat))
            .build());
  }

  /**
   * Writes a model that some inputs crash: {@code logits = table[int(x)]} with {@code x} a row's
   * largest value, which must be less than {@code classes}; {@code table} is the identity.
   */
  public static Path fragile(Path file, int inputs, int classes) throws IOException {
    OnnxMl.AttributeProto.Builder number =
        OnnxMl.AttributeProto.newBuilder().setType(OnnxMl.AttributeProto.AttributeType.INT);
    OnnxMl.AttributeProto axes =
        OnnxMl.AttributeProto.newBuilder()
            .setName("axes")
            .setType(OnnxMl.AttributeProto.AttributeType.INTS)
            .addInts(1)
            .build();
    int whole = OnnxMl.TensorProto.DataType.INT64_VALUE;
    return write(
        file,
        OnnxMl.GraphProto.newBuilder()
            .setName("fragile")
            .addInput(value("x", "batch", inputs))
            .addOutput(value("logits", "batch", classes))
            .addInitializer(initializer("table", identity(classes), classes, classes))
            .addNode(
                node("ReduceMax", "largest", "x").toBuilder()
                    .addAttribute(axes)
                    .addAttribute(number.setName("keepdims").setI(0)))
            .addNode(
                node("Cast", "index", "largest").toBuilder()
                    .addAttribute(number.setName("to").setI(whole)))
            .addNode(node("Gather", "logits", "table", "index"))
            .build());
  }

  private static Path write(Path file, OnnxMl.GraphProto graph) throws IOException {
    OnnxMl.ModelProto model =
        OnnxMl.ModelProto.newBuilder()
            .setIrVersion(8)
            .setProducerName("acclimate-tests")
            .addOpsetImport(OnnxMl.OperatorSetIdProto.newBuilder().setVersion(17))
            .setGraph(graph)
            .build();
    Files.write(file, model.toByteArray());
    return file;
  }

  /** A weight matrix with ones on its diagonal: the class is the largest of the inputs. */
  public static float[] identity(int size) {
    float[] weights = new float[size * size];
    for (int i = 0; i < size; i++) {
      weights[i * size + i] = 1;
    }
    return weights;
  }

  private static OnnxMl.NodeProto node(String op, String output, String... inputs) {
    return OnnxMl.NodeProto.newBuilder()
        .setOpType(op)
        .setName(op + "_" + output)
        .addAllInput(java.util.List.of(inputs))
        .addOutput(output)
        .build();
  }

  private static OnnxMl.ValueInfoProto value(String name, String rows, int columns) {
    OnnxMl.TensorShapeProto shape =
        OnnxMl.TensorShapeProto.newBuilder()
            .addDim(OnnxMl.TensorShapeProto.Dimension.newBuilder().setDimParam(rows))
            .addDim(OnnxMl.TensorShapeProto.Dimension.newBuilder().setDimValue(columns))
            .build();
    return OnnxMl.ValueInfoProto.newBuilder()
        .setName(name)
        .setType(
            OnnxMl.TypeProto.newBuilder()
                .setTensorType(
                    OnnxMl.TypeProto.Tensor.newBuilder()
                        .setElemType(OnnxMl.TensorProto.DataType.FLOAT_VALUE)
                        .setShape(shape)))
        .build();
  }

  private static OnnxMl.TensorProto initializer(String name, float[] values, long... shape) {
    ByteBuffer raw = ByteBuffer.allocate(values.length * 4).order(ByteOrder.LITTLE_ENDIAN);
    raw.asFloatBuffer().put(values);
    OnnxMl.TensorProto.Builder tensor =
        OnnxMl.TensorProto.newBuilder()
            .setName(name)
            .setDataType(OnnxMl.TensorProto.DataType.FLOAT_VALUE)
            .setRawData(ByteString.copyFrom(raw.array()));
    for (long dim : shape) {
      tensor.addDims(dim);
    }
    return tensor.build();
  }
}

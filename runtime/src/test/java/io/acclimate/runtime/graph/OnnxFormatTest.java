package io.acclimate.runtime.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl;
import ai.onnx.proto.OnnxMl.AttributeProto.AttributeType;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.Tensor;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OnnxFormatTest {
  private static final Path VISION_TRANSFORMER = Path.of("../examples/models/fashion-vit.onnx");

  @TempDir Path folder;

  private static ModelGraph read(byte[] bytes) {
    return OnnxFormat.read("model", ByteBuffer.wrap(bytes));
  }

  private static void assertRefused(byte[] bytes, String... parts) {
    AcclimateException e = assertThrows(AcclimateException.class, () -> read(bytes));
    for (String part : parts) {
      assertTrue(e.getMessage().contains(part), e.getMessage());
    }
  }

  private static void assertEqual(ModelGraph expected, ModelGraph found) {
    assertEquals(expected.name(), found.name());
    assertEquals(expected.opsets(), found.opsets());
    assertEquals(expected.metadata(), found.metadata());
    assertEquals(expected.inputs(), found.inputs());
    assertEquals(expected.outputs(), found.outputs());
    assertEquals(expected.nodes(), found.nodes());
    assertEquals(expected.constants(), found.constants());
    assertEquals(expected.types(), found.types());
  }

  @Test
  void aModelReadWrittenAndReadIsEqual() {
    ModelGraph graph = OnnxFormat.read(VISION_TRANSFORMER);
    Path copy = folder.resolve("copy.onnx");
    OnnxFormat.write(graph, copy);
    assertEqual(graph, OnnxFormat.read(copy));
    assertEqual(graph, read(OnnxFormat.toBytes(graph)));
  }

  @Test
  void everyTypeOfAttributeIsKept() {
    OnnxProtos protos = new OnnxProtos(20);
    protos
        .model()
        .addOpsetImport(OnnxMl.OperatorSetIdProto.newBuilder().setDomain("other").setVersion(3));
    protos.input("x", "batch", 2).output("y");
    protos
        .graph()
        .addNode(
            OnnxMl.NodeProto.newBuilder()
                .setName("custom")
                .setOpType("Thing")
                .setDomain("other")
                .addInput("x")
                .addInput("")
                .addOutput("y")
                .addAttribute(OnnxProtos.of("int", Long.MIN_VALUE))
                .addAttribute(OnnxProtos.of("float", 0.1))
                .addAttribute(OnnxProtos.of("text", "naïve"))
                .addAttribute(OnnxProtos.longs("ints", 3, -1))
                .addAttribute(OnnxProtos.floats("floats", 0.5, -2))
                .addAttribute(OnnxProtos.texts("texts", "a", ""))
                .addAttribute(OnnxProtos.of("tensor", Constant.ofList(7, 8, 9))));
    protos.graph().addValueInfo(OnnxProtos.value("y", "batch", 5));
    ModelGraph graph = read(protos.bytes());
    Attributes attributes = graph.nodes().get(0).attributes();
    assertEquals(Long.MIN_VALUE, attributes.integer("int", 0));
    assertEquals(0.1f, attributes.number("float", 0));
    assertEquals("naïve", attributes.text("text", ""));
    assertEquals(List.of(3L, -1L), attributes.values().get("ints"));
    assertEquals(List.of(0.5f, -2f), attributes.values().get("floats"));
    assertEquals(List.of("a", ""), attributes.values().get("texts"));
    assertEquals(Constant.ofList(7, 8, 9), attributes.constant("tensor"));
    assertEqual(graph, read(OnnxFormat.toBytes(graph)));
  }

  @Test
  void everyElementTypeOfConstantsIsKept() {
    GraphBuilder builder = new GraphBuilder("constants");
    for (DType type : DType.values()) {
      double[] values = type == DType.BOOL ? new double[] {0, 1, 1} : new double[] {0, 1, 100};
      String name = builder.constant(type.name(), Constant.ofDoubles(type, values, 3));
      builder.output(name + ".out", name);
    }
    ModelGraph graph = builder.build();
    ModelGraph back = read(OnnxFormat.toBytes(graph));
    assertEqual(graph, back);
    assertEquals(100, back.constants().get("FLOAT16").toDoubles()[2]);
  }

  @Test
  void typesThatCannotBeInferredAgainAreKept() {
    OnnxProtos protos = new OnnxProtos(20);
    protos.input("x", 2).output("z").node("Unheard", "x", "y").node("Identity", "y", "z");
    protos.graph().addValueInfo(OnnxProtos.value("y", 7));
    ModelGraph graph = read(protos.bytes());
    assertEquals(ValueType.of(DType.FLOAT32, 7), graph.type("z"));
    assertEqual(graph, read(OnnxFormat.toBytes(graph)));
  }

  @Test
  void valuesThatAreListedOneByOneAreRead() {
    OnnxProtos protos = new OnnxProtos(20);
    protos.output("y").node("Identity", "w", "y");
    OnnxMl.TensorProto.Builder tensor =
        OnnxMl.TensorProto.newBuilder().setName("w").setDataType(1).addDims(2);
    protos.graph().addInitializer(tensor.addFloatData(1.5f).addFloatData(-2));
    assertEquals(
        Constant.ofDoubles(DType.FLOAT32, new double[] {1.5, -2}, 2),
        read(protos.bytes()).constants().get("w"));
    protos.graph().setInitializer(0, tensor.addFloatData(3));
    assertRefused(protos.bytes(), "tensor 'w'", "expected 2 elements");
  }

  @Test
  void constantNodesBecomeConstants() {
    OnnxProtos protos =
        new OnnxProtos(13)
            .node("Constant", "", "a", OnnxProtos.of("value", Constant.ofList(4)))
            .node("Constant", "", "b", OnnxProtos.of("value_int", 5))
            .node("Constant", "", "c", OnnxProtos.longs("value_ints", 1, 2))
            .node("Constant", "", "d", OnnxProtos.of("value_float", 0.5))
            .node("Constant", "", "e", OnnxProtos.floats("value_floats", 0.5, 2));
    for (String value : List.of("a", "b", "c", "d", "e")) {
      protos.output(value + ".out").node("Identity", value, value + ".out");
    }
    ModelGraph graph = read(protos.bytes());
    assertEquals(Constant.ofList(4), graph.constants().get("a"));
    assertEquals(ValueType.of(DType.INT64), graph.type("b"));
    assertEquals(Constant.ofList(1, 2), graph.constants().get("c"));
    assertEquals(ValueType.of(DType.FLOAT32), graph.type("d"));
    assertEquals(ValueType.of(DType.FLOAT32, 2), graph.type("e"));
    protos.node("Constant", "", "f", OnnxProtos.of("value_string", "text"));
    assertRefused(protos.bytes(), "Constant#10", "value_string");
  }

  @Test
  void anInitialiserThatIsAlsoAnInputIsAConstant() {
    OnnxProtos protos =
        new OnnxProtos(9)
            .input("x", 2)
            .input("w", 2)
            .initializer("w", Constant.ofDoubles(DType.FLOAT32, new double[] {1, 2}, 2))
            .output("y")
            .node("Add", "x,w", "y");
    assertEquals(List.of("x"), read(protos.bytes()).inputs());
  }

  @Test
  void markersAreWrittenAsIdentity() {
    GraphBuilder builder = new GraphBuilder("markers");
    String x = builder.input("x", ValueType.of(DType.FLOAT32, 2));
    String y = builder.ops().straightThrough(builder.ops().sign(x), x);
    builder.output("y", builder.ops().stopGradient(y));
    List<String> ops =
        read(OnnxFormat.toBytes(builder.build())).nodes().stream().map(Node::op).toList();
    assertEquals(List.of("Sign", "Identity", "Identity", "Identity"), ops);
  }

  @Test
  void weightsInOtherFilesAreRefused() {
    OnnxProtos protos = new OnnxProtos(20).output("y").node("Identity", "w", "y");
    protos
        .graph()
        .addInitializer(
            OnnxMl.TensorProto.newBuilder()
                .setName("w")
                .setDataType(1)
                .addDims(2)
                .setDataLocation(OnnxMl.TensorProto.DataLocation.EXTERNAL)
                .addExternalData(
                    OnnxMl.StringStringEntryProto.newBuilder()
                        .setKey("location")
                        .setValue("weights.bin")));
    assertRefused(protos.bytes(), "tensor 'w'", "outside the model file");
  }

  @Test
  void subGraphsAreRefused() {
    OnnxProtos protos =
        new OnnxProtos(20)
            .input("x", 2)
            .output("y")
            .node(
                "If",
                "x",
                "y",
                OnnxProtos.typed("then_branch", AttributeType.GRAPH)
                    .setG(OnnxMl.GraphProto.newBuilder().setName("then"))
                    .build());
    assertRefused(protos.bytes(), "If#0", "GRAPH", "control flow");
  }

  @Test
  void oldAndUnknownContentIsRefused() {
    assertRefused(new OnnxProtos(6).input("x", 2).output("x").bytes(), "operator set 7", "found 6");
    OnnxProtos functions = new OnnxProtos(20);
    functions.model().addFunctions(OnnxMl.FunctionProto.newBuilder().setName("f"));
    assertRefused(functions.bytes(), "local functions");
    OnnxProtos texts = new OnnxProtos(20).output("y");
    texts.graph().addInitializer(OnnxMl.TensorProto.newBuilder().setName("w").setDataType(8));
    assertRefused(texts.bytes(), "tensor 'w'", "data type 8");
    OnnxProtos twice = new OnnxProtos(20).input("x", 2).input("x", 2);
    assertRefused(twice.bytes(), "'x' is in use");
    OnnxProtos sequence = new OnnxProtos(20);
    sequence.graph().addInput(OnnxMl.ValueInfoProto.newBuilder().setName("s"));
    assertRefused(sequence.bytes(), "input 's'", "tensor of known rank");
  }

  @Test
  void graphsWithGapsAreRefused() {
    assertRefused(
        new OnnxProtos(20)
            .input("x", 2)
            .output("y")
            .node("Relu", "x", "y")
            .node("Abs", "x", "y")
            .bytes(),
        "Abs#1",
        "'y' is written twice");
    assertRefused(
        new OnnxProtos(20).input("x", 2).output("y").node("Add", "x,z", "y").bytes(),
        "Add#0",
        "'z', which nothing gives");
    assertRefused(
        new OnnxProtos(20).input("x", 2).output("y").bytes(),
        "list of outputs",
        "'y', which nothing gives");
    assertRefused(
        new OnnxProtos(20).input("x", 2).output("x").node("Relu", "x", "").bytes(), "no result");
  }

  @Test
  void nodesMayStandInAnyOrder() {
    ModelGraph graph =
        read(
            new OnnxProtos(20)
                .input("x", 2)
                .output("z")
                .node("Abs", "y", "z")
                .node("Relu", "x", "y")
                .bytes());
    assertEquals(List.of("Relu", "Abs"), graph.nodes().stream().map(Node::op).toList());
  }

  @Test
  void aMissingFileAndGarbageAreRefused() throws IOException {
    Path file = folder.resolve("model.onnx");
    AcclimateException missing =
        assertThrows(AcclimateException.class, () -> OnnxFormat.read(file));
    assertTrue(missing.getMessage().contains("model.onnx"), missing.getMessage());
    Files.writeString(file, "<html>404</html>");
    AcclimateException garbage =
        assertThrows(AcclimateException.class, () -> OnnxFormat.read(file));
    assertTrue(garbage.getMessage().contains("model.onnx"), garbage.getMessage());
  }

  @Test
  void aTruncatedFileIsRefused() throws IOException {
    byte[] whole = Files.readAllBytes(VISION_TRANSFORMER);
    for (int length : new int[] {1, 100, whole.length / 2, whole.length - 1}) {
      assertRefused(Arrays.copyOf(whole, length), "model");
    }
    assertRefused(new byte[0], "operator set 7");
  }

  /** Whatever stands in a file: it is read, or refused with a clear error. */
  @Test
  void changedBytesAreReadOrRefused() {
    OnnxProtos protos =
        new OnnxProtos(11)
            .input("x", "batch", 3)
            .initializer("w", Constant.ofDoubles(DType.FLOAT32, new double[6], 3, 2))
            .initializer("shape", Constant.ofList(-1, 2, 1))
            .output("y")
            .node("MatMul", "x,w", "a")
            .node("Constant", "", "axes", OnnxProtos.of("value", Constant.ofList(0)))
            .node("Reshape", "a,shape", "b")
            .node("Transpose", "b", "c", OnnxProtos.longs("perm", 2, 0, 1))
            .node("Softmax", "c", "d", OnnxProtos.of("axis", 1))
            .node("Pad", "d,axes", "e", OnnxProtos.of("mode", "edge"))
            .node(
                "ReduceMean", "d", "y", OnnxProtos.longs("axes", 0), OnnxProtos.of("keepdims", 0));
    byte[] bytes = protos.bytes();
    Random random = new Random(1);
    int refused = 0;
    for (int i = 0; i < 20_000; i++) {
      byte[] changed = bytes.clone();
      for (int k = random.nextInt(3); k >= 0; k--) {
        changed[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      }
      try {
        read(changed);
      } catch (AcclimateException e) {
        refused++;
        assertFalse(e.getMessage().isBlank());
      }
    }
    assertTrue(refused > 1000, "refused " + refused);
  }

  @Test
  void weightsOfMoreThanAFileHoldsAreRefusedBeforeAnythingIsWritten() throws IOException {
    Path sparse = folder.resolve("sparse");
    try (RandomAccessFile file = new RandomAccessFile(sparse.toFile(), "rw")) {
      file.setLength(1 << 30);
      ByteBuffer bytes = file.getChannel().map(FileChannel.MapMode.READ_ONLY, 0, 1 << 30);
      GraphBuilder builder = new GraphBuilder("large");
      for (int i = 0; i < 3; i++) {
        long[] shape = {1 << 28};
        String weight = builder.constant("w" + i, Constant.of(DType.FLOAT32, shape, bytes));
        builder.output("y" + i, weight);
      }
      ModelGraph graph = builder.build();
      Path target = folder.resolve("large.onnx");
      AcclimateException e =
          assertThrows(AcclimateException.class, () -> OnnxFormat.write(graph, target));
      assertTrue(e.getMessage().contains("3221225472 bytes"), e.getMessage());
      assertThrows(AcclimateException.class, () -> OnnxFormat.toBytes(graph));
      assertFalse(Files.exists(target));
    }
  }

  @Test
  void weightsAreNotCopied() {
    Tensor tensor = Tensor.ofFloats(new float[] {1, 2}, 2);
    GraphBuilder builder = new GraphBuilder("shared");
    builder.output("y", builder.constant("w", Constant.of(tensor)));
    ModelGraph graph = builder.build();
    tensor.floats().put(0, 5);
    assertEquals(5, graph.constants().get("w").toDoubles()[0]);
  }
}

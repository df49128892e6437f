package io.acclimate.runtime.graph;

import static io.acclimate.runtime.graph.ShapeCase.floats;
import static io.acclimate.runtime.graph.ShapeCase.list;
import static io.acclimate.runtime.graph.ShapeCase.longs;
import static io.acclimate.runtime.graph.ShapeCase.of;
import static io.acclimate.runtime.graph.ShapeCase.several;
import static io.acclimate.runtime.graph.ShapeCase.with;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl;
import com.google.protobuf.InvalidProtocolBufferException;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.OrtRuns;
import io.acclimate.runtime.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Inferred types are those that ONNX Runtime gives. */
class ShapeInferenceTest {
  static Stream<ShapeCase> cases() {
    return Stream.of(ArithmeticCases.all(), LayoutCases.all(), SpatialCases.all())
        .flatMap(cases -> cases);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void agreesWithOnnxRuntime(ShapeCase one) throws InvalidProtocolBufferException {
    GraphBuilder graph = new GraphBuilder("case");
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    List<String> operands = new ArrayList<>();
    for (Object operand : one.operands()) {
      if (operand instanceof ValueType type) {
        String name = graph.input("x" + inputs.size(), type);
        inputs.put(name, filled(type));
        operands.add(name);
      } else if (operand instanceof Constant constant) {
        operands.add(graph.constant(constant));
      } else {
        operands.add("");
      }
    }
    List<String> results =
        graph.nodes(one.op(), one.attributes(), one.results(), operands.toArray(String[]::new));
    results.forEach(graph::output);
    ModelGraph built = graph.build();
    Map<String, Tensor> outputs = OrtRuns.run(withoutOutputShapes(built), inputs);
    for (String result : results) {
      assertEquals(outputs.get(result).toString(), built.type(result).toString());
    }
  }

  /** Ones, which are in the domain of every operator and valid indices. */
  private static Tensor filled(ValueType type) {
    double[] ones = new double[(int) type.shape().elements()];
    Arrays.fill(ones, 1);
    return Constant.ofDoubles(type.type(), ones, type.shape().sizes()).toTensor();
  }

  private static byte[] withoutOutputShapes(ModelGraph graph)
      throws InvalidProtocolBufferException {
    OnnxMl.ModelProto.Builder model =
        OnnxMl.ModelProto.parseFrom(OnnxFormat.toBytes(graph)).toBuilder();
    model
        .getGraphBuilder()
        .getOutputBuilderList()
        .forEach(output -> output.getTypeBuilder().getTensorTypeBuilder().clearShape());
    return model.build().toByteArray();
  }

  @Test
  void everyRuleIsCompared() {
    Set<String> missing = new TreeSet<>(ShapeInference.known());
    cases().forEach(one -> missing.remove(one.op()));
    missing.removeIf(op -> op.startsWith(Markers.DOMAIN));
    // results whose size depends on the values, and operators newer than the set that is written
    missing.removeAll(Set.of("NonZero", "Swish", "RMSNormalization"));
    assertEquals(Set.of(), missing);
  }

  private static void assertRefused(String part, ShapeCase one) {
    AcclimateException e =
        assertThrows(
            AcclimateException.class, () -> new ShapeInferenceTest().agreesWithOnnxRuntime(one));
    assertTrue(e.getMessage().contains(part), e.getMessage());
    assertTrue(e.getMessage().contains(one.op()), e.getMessage());
  }

  @Test
  void operandsThatDoNotFitAreRefused() {
    assertRefused("cannot be broadcast", of("Add", floats(2), floats(3)));
    assertRefused("one element type", of("Add", floats(2), longs(2)));
    assertRefused("inner dimensions", of("MatMul", floats(2, 3), floats(2, 3)));
    assertRefused("expected matrices", of("MatMul", floats(), floats(2)));
    assertRefused("cannot reshape", of("Reshape", floats(2, 3), list(4, -1)));
    assertRefused("cannot reshape", of("Reshape", floats(2, 3), list(7)));
    assertRefused("does not exist", of("Reshape", floats(2), list(2, 0)));
    assertRefused("expected a size", of("Reshape", floats(2), list(-2)));
    assertRefused("not of size 1", of("Squeeze", floats(2, 3), list(0)));
    assertRefused("cannot put axes", of("Unsqueeze", floats(2), list(0, 0)));
    assertRefused("cannot put axes", of("Unsqueeze", floats(2), list(5)));
    assertRefused("does not exist", of("Flatten", with("axis", 4), floats(2)));
    assertRefused("does not fit", of("Transpose", with("perm", new long[] {0, 0}), floats(2, 3)));
    assertRefused("cannot join", of("Concat", with("axis", 0), floats(2, 3), floats(2, 4)));
    assertRefused("do not make up", several("Split", 2, Attributes.NONE, floats(5), list(1, 3)));
    assertRefused("cannot slice", of("Slice", floats(2), list(0), list(1), list(0), list(0)));
    assertRefused("expected 4 paddings", of("Pad", floats(2, 3), list(1, 1)));
    assertRefused("repeat for each axis", of("Tile", floats(2, 3), list(2)));
    assertRefused("does not exist", of("Gather", with("axis", 2), floats(2, 3), longs(1)));
    assertRefused("fixed depth", of("GatherND", floats(2), longs(1, 2)));
    assertRefused("does not fit", of("Einsum", with("equation", "ij->i"), floats(2)));
    assertRefused("2 terms", of("Einsum", with("equation", "i,i->i"), floats(2)));
    assertRefused("has sizes", of("Einsum", with("equation", "i,i->i"), floats(2), floats(3)));
    assertRefused("each once", of("Einsum", with("equation", "i->ij"), floats(2)));
    assertRefused("not square", of("Einsum", with("equation", "ii->i"), floats(2, 3)));
    assertRefused("does not fit weight", of("Conv", floats(1, 2, 5), floats(1, 3, 2)));
    assertRefused("does not fit an axis", of("Conv", floats(1, 1, 2), floats(1, 1, 3)));
    assertRefused("cannot be split", of("SpaceToDepth", with("blocksize", 2), floats(1, 1, 3, 2)));
    assertRefused("no shape rule", of("Unheard", floats(2)));
    assertRefused("input 1 is missing", of("MatMul", floats(2, 2)));
    assertRefused("too large", of("Tile", floats(1L << 20, 2), list(1L << 50, 1)));
  }
}

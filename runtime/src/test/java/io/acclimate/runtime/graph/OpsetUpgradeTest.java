package io.acclimate.runtime.graph;

import static io.acclimate.runtime.graph.OnnxProtos.floats;
import static io.acclimate.runtime.graph.OnnxProtos.longs;
import static io.acclimate.runtime.graph.OnnxProtos.of;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.OrtRuns;
import io.acclimate.runtime.Tensor;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Models of older operator sets compute the same after they were read and written. */
class OpsetUpgradeTest {
  private static OnnxProtos model(long opset) {
    return new OnnxProtos(opset).input("x", 2, 3, 4).output("y");
  }

  private static Constant list(long... values) {
    return Constant.ofList(values);
  }

  /** Runs a model as it is and as it is after the upgrade. */
  private static void assertUpgraded(OnnxProtos protos) {
    byte[] bytes = protos.bytes();
    ModelGraph graph = OnnxFormat.read("old", ByteBuffer.wrap(bytes));
    assertTrue(graph.opset() >= GraphBuilder.OPSET);
    Map<String, Tensor> inputs = Map.of("x", draw(graph.type("x").shape().sizes()));
    Tensor expected = OrtRuns.run(bytes, inputs).get("y");
    Tensor found = OrtRuns.run(OnnxFormat.toBytes(graph), inputs).get("y");
    assertEquals(expected.toString(), found.toString());
    assertTrue(expected.contentEquals(found), graph.nodes().toString());
    assertEquals(expected.toString(), graph.type("y").toString());
  }

  private static Tensor draw(long... shape) {
    Tensor tensor = Tensor.allocate(DType.FLOAT32, shape);
    Random random = new Random(3);
    for (int i = 0; i < tensor.elements(); i++) {
      tensor.floats().put(i, random.nextFloat() * 4 - 2);
    }
    return tensor;
  }

  @ParameterizedTest
  @ValueSource(longs = {7, 10, 12, 13, 17, 20})
  void softmaxOverTheLastAxis(long opset) {
    assertUpgraded(model(opset).node("Softmax", "x", "y", of("axis", 2)));
    assertUpgraded(model(opset).node("LogSoftmax", "x", "y", of("axis", 2)));
  }

  @ParameterizedTest
  @ValueSource(longs = {7, 11, 12, 13, 18})
  void softmaxWithoutAnAxisAndOverSeveral(long opset) {
    for (String op : new String[] {"Softmax", "LogSoftmax", "Hardmax"}) {
      assertUpgraded(model(opset).node(op, "x", "y"));
      assertUpgraded(model(opset).node(op, "x", "y", of("axis", 0)));
    }
  }

  @Test
  void softmaxOfAValueWhoseRankTheFileDoesNotSay() {
    OnnxProtos protos =
        model(11)
            .node("NonZero", "x", "places")
            .node("Cast", "places", "numbers", of("to", 1))
            .node("Unheard", "numbers", "rows")
            .node("Softmax", "rows", "y");
    ModelGraph graph = OnnxFormat.read("old", ByteBuffer.wrap(protos.bytes()));
    assertEquals("Reshape", graph.producer("y").orElseThrow().op());
  }

  @ParameterizedTest
  @ValueSource(longs = {7, 11, 12})
  void axesThatWereAttributes(long opset) {
    assertUpgraded(
        model(opset)
            .node("Unsqueeze", "x", "a", longs("axes", 0, 4))
            .node("Squeeze", "a", "y", longs("axes", 0)));
    assertUpgraded(
        model(opset).node("ReduceSum", "x", "y", longs("axes", 0, 2), of("keepdims", 0)));
    assertUpgraded(model(opset).node("ReduceSum", "x", "y"));
  }

  @ParameterizedTest
  @ValueSource(longs = {7, 11, 13, 17})
  void reductions(long opset) {
    String[] ops = {
      "ReduceMean",
      "ReduceMax",
      "ReduceMin",
      "ReduceProd",
      "ReduceL1",
      "ReduceL2",
      "ReduceSumSquare",
      "ReduceLogSumExp"
    };
    for (String op : ops) {
      assertUpgraded(model(opset).node(op, "x", "y", longs("axes", 1), of("keepdims", 0)));
      assertUpgraded(model(opset).node(op, "x", "y"));
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {7, 11, 13, 17})
  void splitIntoEqualParts(long opset) {
    assertUpgraded(model(opset).node("Split", "x", "a,b", of("axis", 2)).node("Sub", "a,b", "y"));
  }

  @ParameterizedTest
  @ValueSource(longs = {7, 11})
  void splitIntoGivenParts(long opset) {
    assertUpgraded(
        model(opset)
            .node("Split", "x", "a,b", of("axis", 1), longs("split", 1, 2))
            .node("Mul", "a,b", "y"));
  }

  @ParameterizedTest
  @ValueSource(longs = {7, 9})
  void sliceByAttributes(long opset) {
    assertUpgraded(
        model(opset)
            .node(
                "Slice",
                "x",
                "y",
                longs("axes", 2, 0),
                longs("starts", -3, 0),
                longs("ends", 9, 1)));
    assertUpgraded(model(opset).node("Slice", "x", "y", longs("starts", 1), longs("ends", -1)));
  }

  @ParameterizedTest
  @ValueSource(longs = {10, 13})
  void sliceByInputs(long opset) {
    assertUpgraded(
        model(opset)
            .initializer("starts", list(-1))
            .initializer("ends", list(Long.MIN_VALUE))
            .initializer("axes", list(2))
            .initializer("steps", list(-2))
            .node("Slice", "x,starts,ends,axes,steps", "y"));
  }

  @ParameterizedTest
  @ValueSource(longs = {7, 10})
  void padByAttributes(long opset) {
    assertUpgraded(
        model(opset).node("Pad", "x", "y", longs("pads", 0, 1, 0, 0, 0, 2), of("value", 0.5)));
    assertUpgraded(
        model(opset).node("Pad", "x", "y", longs("pads", 0, 1, 0, 0, 0, 2), of("mode", "reflect")));
  }

  @ParameterizedTest
  @ValueSource(longs = {7, 10})
  void clipByAttributes(long opset) {
    assertUpgraded(model(opset).node("Clip", "x", "y", of("min", -0.5), of("max", 1.0)));
    assertUpgraded(model(opset).node("Clip", "x", "y", of("max", 0.25)));
    assertUpgraded(model(opset).node("Clip", "x", "y"));
  }

  @Test
  void numberOfLargestByAttribute() {
    assertUpgraded(model(9).node("TopK", "x", "y,i", of("k", 2), of("axis", 1)));
  }

  @ParameterizedTest
  @ValueSource(longs = {7, 10, 12, 13, 20})
  void dropoutGivesItsInputOn(long opset) {
    assertUpgraded(model(opset).node("Dropout", "x", "y,"));
  }

  @ParameterizedTest
  @ValueSource(longs = {7, 9, 14, 15})
  void batchNormalization(long opset) {
    OnnxProtos protos = model(opset);
    for (String statistic : new String[] {"scale", "bias", "mean", "variance"}) {
      protos.initializer(statistic, Constant.ofDoubles(DType.FLOAT32, new double[] {0.5, 1, 2}, 3));
    }
    assertUpgraded(
        protos.node("BatchNormalization", "x,scale,bias,mean,variance", "y", of("epsilon", 0.01)));
  }

  @Test
  void normalisationOfSingleElementsIsRefused() {
    OnnxProtos protos = model(7).node("BatchNormalization", "x,x,x,x,x", "y", of("spatial", 0));
    AcclimateException e =
        assertThrows(
            AcclimateException.class,
            () -> OnnxFormat.read("old", ByteBuffer.wrap(protos.bytes())));
    assertTrue(e.getMessage().contains("spatial=0"), e.getMessage());
  }

  @ParameterizedTest
  @ValueSource(longs = {9, 10})
  void scatter(long opset) {
    assertUpgraded(
        model(opset)
            .initializer("i", Constant.ofLongs(new long[] {2, 0}, 1, 2, 1))
            .initializer("u", Constant.ofDoubles(DType.FLOAT32, new double[] {7, 8}, 1, 2, 1))
            .node("Scatter", "x,i,u", "y", of("axis", 2)));
  }

  private static OnnxProtos image(long opset) {
    return new OnnxProtos(opset).input("x", 1, 2, 3, 4).output("y");
  }

  @ParameterizedTest
  @ValueSource(strings = {"nearest", "linear"})
  void imagesThatAreEnlarged(String mode) {
    assertUpgraded(
        image(7).node("Upsample", "x", "y", of("mode", mode), floats("scales", 1, 1, 2, 3)));
    Constant scales = Constant.ofDoubles(DType.FLOAT32, new double[] {1, 1, 2.5, 1.5}, 4);
    assertUpgraded(
        image(9).initializer("s", scales).node("Upsample", "x,s", "y", of("mode", mode)));
    assertUpgraded(image(10).initializer("s", scales).node("Resize", "x,s", "y", of("mode", mode)));
    assertUpgraded(
        image(11)
            .initializer("s", scales)
            .initializer("roi", Constant.ofDoubles(DType.FLOAT32, new double[0], 0))
            .node("Resize", "x,roi,s", "y", of("mode", mode)));
  }

  @ParameterizedTest
  @ValueSource(longs = {16, 20})
  void gridSample(long opset) {
    for (String mode : new String[] {"", "nearest", "bilinear", "bicubic"}) {
      boolean old = opset < 20;
      String named = old ? mode : mode.replace("bilinear", "linear").replace("bicubic", "cubic");
      OnnxProtos protos =
          image(opset)
              .initializer(
                  "grid",
                  Constant.ofDoubles(DType.FLOAT32, new double[] {-0.5, 0.5, 0.25, 0}, 1, 1, 2, 2));
      assertUpgraded(
          named.isEmpty()
              ? protos.node("GridSample", "x,grid", "y")
              : protos.node("GridSample", "x,grid", "y", of("mode", named)));
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
  void whatNeverChanged(long opset) {
    assertUpgraded(
        model(opset)
            .initializer("w", Constant.of(draw(4, 5)))
            .node("MatMul", "x,w", "a")
            .node("Relu", "a", "b")
            .node("Transpose", "b", "c", longs("perm", 2, 0, 1))
            .node("Flatten", "c", "d", of("axis", 1))
            .node("Concat", "d,d", "y", of("axis", 0)));
  }
}

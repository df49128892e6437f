package io.acclimate.runtime.autodiff;

import static io.acclimate.runtime.autodiff.FiniteDifferences.shape;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.graph.Attributes;
import io.acclimate.runtime.graph.Constant;
import io.acclimate.runtime.graph.GraphBuilder;
import io.acclimate.runtime.graph.Ops;
import io.acclimate.runtime.graph.ValueType;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ResamplingGradientsTest {
  @ParameterizedTest
  @ValueSource(strings = {"DCR", "CRD"})
  void depthToSpace(String mode) {
    Attributes attributes = Attributes.of("blocksize", 2).and("mode", mode);
    FiniteDifferences.of(shape(1, 8, 2, 1))
        .secondOrder()
        .check((ops, x) -> ops.exp(ops.op("DepthToSpace", attributes, x.get(0))));
  }

  @Test
  void spaceToDepth() {
    Attributes attributes = Attributes.of("blocksize", 2);
    FiniteDifferences.of(shape(2, 1, 2, 4))
        .secondOrder()
        .check((ops, x) -> ops.exp(ops.op("SpaceToDepth", attributes, x.get(0))));
  }

  @ParameterizedTest
  @CsvSource({
    "nearest,asymmetric,floor",
    "nearest,half_pixel,round_prefer_floor",
    "nearest,half_pixel,round_prefer_ceil",
    "nearest,align_corners,ceil",
    "linear,half_pixel,floor",
    "linear,pytorch_half_pixel,floor",
    "linear,align_corners,floor",
    "linear,asymmetric,floor"
  })
  void resizeToAMultiple(String mode, String coordinates, String nearest) {
    Attributes attributes =
        Attributes.of("mode", mode)
            .and("coordinate_transformation_mode", coordinates)
            .and("nearest_mode", nearest);
    long[] x = shape(2, 1, 3, 2);
    LinearCheck.check(x, (ops, value) -> scaled(ops, attributes, value, 1, 1, 2, 2));
    LinearCheck.check(x, (ops, value) -> scaled(ops, attributes, value, 1, 1, 1, 3));
    LinearCheck.check(
        x, (ops, value) -> ops.op("Resize", attributes, value, "", "", ops.list(2, 1, 6, 4)));
    LinearCheck.check(
        x,
        (ops, value) ->
            ops.op(
                "Resize",
                attributes.and("axes", new long[] {2, -1}),
                value,
                "",
                "",
                ops.list(3, 8)));
    LinearCheck.check(
        shape(1, 2, 1, 1), (ops, value) -> scaled(ops, attributes, value, 1, 1, 3, 1));
  }

  private static String scaled(Ops ops, Attributes attributes, String x, double... scales) {
    String list = ops.graph().constant(Constant.ofDoubles(DType.FLOAT32, scales, scales.length));
    return ops.op("Resize", attributes, x, "", list);
  }

  @Test
  void cubicResizeIsRefused() {
    GraphBuilder graph = new GraphBuilder("resize");
    String x = graph.input("x", ValueType.of(DType.FLOAT32, 1, 1, 2, 2));
    String y = scaled(graph.ops(), Attributes.of("mode", "cubic"), x, 1, 1, 2, 2);
    String loss = graph.ops().reduceSum(y, false);
    AcclimateException e =
        assertThrows(AcclimateException.class, () -> Autodiff.gradients(graph, loss, List.of("x")));
    assertTrue(e.getMessage().contains("mode nearest or linear"), e.getMessage());
  }
}

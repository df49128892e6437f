package io.acclimate.runtime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.acclimate.runtime.graph.GraphBuilder;
import io.acclimate.runtime.graph.OnnxFormat;
import io.acclimate.runtime.graph.ValueType;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SessionPoolTest {
  private static final ModelOptions OPTIONS = new ModelOptions(Device.CPU, 1);

  private final SessionPool pool = new SessionPool();

  /** {@code y = factor * x} of two values. */
  private static byte[] times(float factor) {
    GraphBuilder graph = new GraphBuilder("times");
    String x = graph.input("x", ValueType.of(DType.FLOAT32, 2));
    graph.output("y", graph.ops().mul(x, factor));
    return OnnxFormat.toBytes(graph.build());
  }

  private static float[] run(GraphSession session, float... values) {
    Tensor y = Tensor.allocate(DType.FLOAT32, 2);
    session.run(Map.of("x", Tensor.ofFloats(values, 2)), Map.of("y", y));
    return y.toFloatArray();
  }

  @Test
  void equalGraphsShareASessionUntilTheLastOneCloses() {
    GraphSession first = pool.open("first", times(2), OPTIONS);
    GraphSession second = pool.open("second", times(2), OPTIONS);
    assertEquals(1, pool.size());
    GraphSession other = pool.open("other", times(3), OPTIONS);
    GraphSession wide = pool.open("wide", times(2), new ModelOptions(Device.CPU, 2));
    assertEquals(3, pool.size(), "other bytes, other options");
    assertArrayEquals(new float[] {2, 4}, run(first, 1, 2));
    assertArrayEquals(new float[] {3, 6}, run(other, 1, 2));
    first.close();
    first.close();
    assertThrows(IllegalStateException.class, () -> run(first, 1, 2));
    assertArrayEquals(new float[] {2, 4}, run(second, 1, 2));
    List.of(second, other, wide).forEach(GraphSession::close);
    assertEquals(0, pool.size());
    try (GraphSession again = pool.open("again", times(2), OPTIONS)) {
      assertArrayEquals(new float[] {2, 4}, run(again, 1, 2));
    }
  }

  @Test
  void whatCannotBeOpenedIsNotKept() {
    byte[] broken = {1, 2, 3};
    assertThrows(AcclimateException.class, () -> pool.open("broken", broken, OPTIONS));
    assertEquals(0, pool.size());
  }

  @Test
  void ownersOnSeveralThreadsComeAndGo() {
    byte[] model = times(2);
    IntStream.range(0, 200)
        .parallel()
        .forEach(
            i -> {
              try (GraphSession session = pool.open("one", model, OPTIONS)) {
                assertArrayEquals(new float[] {2 * i, 2}, run(session, i, 1));
              }
            });
    assertEquals(0, pool.size());
  }
}

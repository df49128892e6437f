package io.acclimate.tta.lame;

import io.acclimate.runtime.DType;
import io.acclimate.runtime.Device;
import io.acclimate.runtime.GraphSession;
import io.acclimate.runtime.ModelOptions;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.graph.Attributes;
import io.acclimate.runtime.graph.Dim;
import io.acclimate.runtime.graph.GraphBuilder;
import io.acclimate.runtime.graph.OnnxFormat;
import io.acclimate.runtime.graph.Shape;
import io.acclimate.runtime.graph.ValueType;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Map;

/**
 * The products of all pairs of unit rows, in float32: one matrix product X X^T of ONNX Runtime, in
 * a session that all instances share and that lives as long as the process.
 *
 * <p>A product is wrong by at most {@link #error()}, in whichever order it is summed. Memory is
 * kept from batch to batch. Not thread-safe.
 */
final class PairProducts implements AutoCloseable {
  private static final double MIN_NORM = 1e-12;
  private static final double FLOAT_ROUNDING = 0x1p-24;

  private static final String ROWS = "rows";
  private static final String PRODUCTS = "products";

  private Tensor rows = Tensor.allocate(DType.FLOAT32, 0, 0);
  private Tensor products = rows;
  private Map<String, Tensor> inputs = Map.of();
  private Map<String, Tensor> outputs = Map.of();
  private final GraphSession session = Shared.SESSION.another();
  private int samples;
  private int size;
  private double[] scales = new double[0];
  private float[] squares = new float[0];
  private float[] scaled = new float[0];
  private float[] row = new float[0];

  /**
   * Opened with the first instance. One thread: the waiting threads of a second pool would take the
   * cores from the model's calls.
   */
  private static final class Shared {
    static final GraphSession SESSION =
        GraphSession.open("pair products", graph(), new ModelOptions(Device.CPU, 1));

    private static byte[] graph() {
      GraphBuilder graph = new GraphBuilder("pair-products");
      Shape shape = new Shape(List.of(Dim.symbol("n"), Dim.symbol("d")));
      String x = graph.input(ROWS, new ValueType(DType.FLOAT32, shape));
      graph.output(PRODUCTS, graph.ops().op("Gemm", Attributes.of("transB", 1L), x, x));
      return OnnxFormat.toBytes(graph.build());
    }
  }

  /** Computes the products of {@code [n, d]} values, row by row, each divided by its length. */
  void compute(double[] values, int n, int d) {
    reserve(n, d);
    FloatBuffer target = rows.floats();
    for (int i = 0; i < n; i++) {
      double norm = Math.sqrt(squaredLength(values, i * size, size));
      scales[i] = 1 / Math.max(norm, MIN_NORM);
      double length = norm * scales[i];
      squares[i] = (float) (length * length);
      for (int f = 0; f < d; f++) {
        scaled[f] = (float) (values[i * d + f] * scales[i]);
      }
      target.put(i * d, scaled, 0, d);
    }
    session.run(inputs, outputs);
  }

  private void reserve(int n, int d) {
    if (samples != n || size != d) {
      session.freeHandles();
      rows = Tensor.allocate(DType.FLOAT32, n, d);
      products = Tensor.allocate(DType.FLOAT32, n, n);
      inputs = Map.of(ROWS, rows);
      outputs = Map.of(PRODUCTS, products);
      samples = n;
      size = d;
    }
    if (scales.length < n) {
      scales = new double[n];
      squares = new float[n];
      row = new float[n];
    }
    if (scaled.length < d) {
      scaled = new float[d];
    }
  }

  private static double squaredLength(double[] values, int row, int size) {
    double even = 0;
    double odd = 0;
    int end = row + size - 1;
    int k = row;
    for (; k < end; k += 2) {
      even += values[k] * values[k];
      odd += values[k + 1] * values[k + 1];
    }
    return k == end ? even + odd + values[k] * values[k] : even + odd;
  }

  /**
   * The products of one sample with all, {@code [n]}; may be longer. The next call overwrites it.
   */
  float[] row(int i) {
    products.floats().get(i * samples, row, 0, samples);
    return row;
  }

  /** The squared length of each scaled row: 1, or less where a row is almost 0. */
  float[] squaredLengths() {
    return squares;
  }

  /**
   * The most by which a product differs from that of the exact unit rows: d fused additions in any
   * order, the rounding of both factors, and a margin.
   */
  double error() {
    return (size + 8) * FLOAT_ROUNDING;
  }

  /** The squared distance of two scaled rows, from differences in float64. */
  double squaredDistance(double[] values, int i, int j) {
    double sum = 0;
    for (int f = 0; f < size; f++) {
      double difference = values[i * size + f] * scales[i] - values[j * size + f] * scales[j];
      sum += difference * difference;
    }
    return sum;
  }

  @Override
  public void close() {
    session.close();
  }
}

package io.acclimate.tta.lame;

import java.util.Arrays;

/**
 * The products of all pairs of unit rows, in float32: one matrix product X X^T by blocks, in loops
 * that the compiler turns into vector instructions.
 *
 * <p>A product is wrong by at most {@link #error()}. Memory is kept from batch to batch. Not
 * thread-safe.
 */
final class PairProducts {
  private static final double MIN_NORM = 1e-12;
  private static final double FLOAT_ROUNDING = 0x1p-24;

  /** Features that one pass over a row adds; more and the compiler no longer vectorises. */
  private static final int UNROLL = 4;

  /** Features of a block, a multiple of the unrolling: with 512 samples it fits the L1 cache. */
  private static final int BLOCK = 16;

  /** Samples of a vector, and of a block of the transposition. */
  private static final int LANES = 16;

  private int samples;
  private int size;
  private double[] scales = new double[0];
  private float[] squares = new float[0];
  private float[][] columns = new float[0][0];
  private float[][] products = new float[0][0];

  /** Computes the products of {@code [n, d]} values, row by row, each divided by its length. */
  void compute(double[] values, int n, int d) {
    samples = n;
    size = d;
    reserve();
    findScales(values);
    transpose(values);
    multiply();
  }

  private void reserve() {
    int padded = (size + UNROLL - 1) / UNROLL * UNROLL;
    if (products.length < samples) {
      products = new float[samples][samples];
      squares = new float[samples];
      scales = new double[samples];
      columns = new float[0][0];
    }
    if (columns.length < padded) {
      columns = new float[padded][products.length];
    }
    for (int f = size; f < padded; f++) {
      Arrays.fill(columns[f], 0);
    }
  }

  private void findScales(double[] values) {
    for (int i = 0; i < samples; i++) {
      double norm = Math.sqrt(squaredLength(values, i * size, size));
      scales[i] = 1 / Math.max(norm, MIN_NORM);
      double length = norm * scales[i];
      squares[i] = (float) (length * length);
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

  private void transpose(double[] values) {
    for (int from = 0; from < samples; from += LANES) {
      int to = Math.min(from + LANES, samples);
      for (int f = 0; f < size; f++) {
        float[] column = columns[f];
        for (int i = from; i < to; i++) {
          column[i] = (float) (values[i * size + f] * scales[i]);
        }
      }
    }
  }

  /** Fills the products of each sample with itself and the later ones, then mirrors them. */
  private void multiply() {
    for (int i = 0; i < samples; i++) {
      Arrays.fill(products[i], 0, samples, 0f);
    }
    for (int from = 0; from < size; from += BLOCK) {
      int to = Math.min(from + BLOCK, size);
      for (int i = 0; i < samples; i++) {
        for (int f = from; f < to; f += UNROLL) {
          add(columns[f], columns[f + 1], columns[f + 2], columns[f + 3], i, samples, products[i]);
        }
      }
    }
    for (int i = 0; i < samples; i++) {
      float[] row = products[i];
      for (int j = i + 1; j < samples; j++) {
        products[j][i] = row[j];
      }
    }
  }

  /** Adds four features' part to one sample's products. */
  private static void add(
      float[] c0, float[] c1, float[] c2, float[] c3, int i, int end, float[] target) {
    float v0 = c0[i];
    float v1 = c1[i];
    float v2 = c2[i];
    float v3 = c3[i];
    for (int j = i / LANES * LANES; j < end; j++) {
      target[j] =
          Math.fma(
              v3, c3[j], Math.fma(v2, c2[j], Math.fma(v1, c1[j], Math.fma(v0, c0[j], target[j]))));
    }
  }

  /** The products of one sample with all, {@code [n]}; may be longer. */
  float[] row(int i) {
    return products[i];
  }

  /** The squared length of each scaled row: 1, or less where a row is almost 0. */
  float[] squaredLengths() {
    return squares;
  }

  /**
   * The most by which a product differs from that of the exact unit rows: a chain of d fused
   * additions, the rounding of both factors, and a margin.
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
}

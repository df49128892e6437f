package io.acclimate.tta.lame;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.acclimate.runtime.SeedTree;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.apache.commons.rng.UniformRandomProvider;
import org.junit.jupiter.api.Test;

/** The neighbours are those that exact distances of all pairs give, ties and twins included. */
class NeighbourSearchTest {
  @Test
  void agreesWithExactDistances() {
    UniformRandomProvider random = SeedTree.of(1).generator();
    NeighbourSearch search = new NeighbourSearch();
    int[][] shapes = {{40, 3, 5}, {17, 33, 5}, {64, 1, 4}, {5, 100, 4}, {2, 2, 1}, {90, 47, 12}};
    for (int[] shape : shapes) {
      // from far apart to closer together than float32 can tell
      for (double spread : new double[] {1, 1e-3, 1e-7, 0}) {
        double[] features = new double[shape[0] * shape[1]];
        for (int k = 0; k < features.length; k++) {
          features[k] = 1 + spread * (random.nextDouble() - 0.5);
        }
        copyRow(features, shape[1], 0, shape[0] - 1);
        assertArrayEquals(
            exact(features, shape[0], shape[1], shape[2]),
            found(search, features, shape[0], shape[1], shape[2]),
            "n %d, d %d, spread %s".formatted(shape[0], shape[1], spread));
      }
    }
  }

  /** Samples on a grid: many pairs have the same distance. */
  @Test
  void lowerIndexWinsATie() {
    double[] features = new double[64 * 2];
    for (int i = 0; i < 64; i++) {
      double angle = 2 * Math.PI * (i % 8) / 8;
      features[2 * i] = Math.rint(1e6 * Math.cos(angle));
      features[2 * i + 1] = Math.rint(1e6 * Math.sin(angle));
    }
    assertArrayEquals(exact(features, 64, 2, 9), found(new NeighbourSearch(), features, 64, 2, 9));
  }

  @Test
  void zeroRowsAreFarFromEverybodyButEachOther() {
    double[] features = {0, 0, 1, 0, 1, 0.1, 0, 0};
    int[][] found = found(new NeighbourSearch(), features, 4, 2, 1);
    assertArrayEquals(new int[][] {{3}, {2}, {1}, {0}}, found);
  }

  @Test
  void exponentialsAreExactEnough() {
    double[] x = new double[1801];
    double[] weights = new double[x.length];
    Arrays.fill(weights, 2);
    for (int i = 0; i < x.length; i++) {
      x[i] = -90 + i / 10.0;
    }
    double[] y = new double[x.length];
    VectorExp.weighted(x, weights, x.length, y);
    for (int i = 0; i < x.length; i++) {
      assertEquals(1, y[i] / (2 * Math.exp(x[i])), Math.abs(x[i]) <= 20 ? 1e-13 : 1e-10);
    }
    VectorExp.weighted(new double[] {-1e300, Double.NEGATIVE_INFINITY}, weights, 2, y);
    assertEquals(y[0], y[1]);
    assertEquals(2 * Math.exp(VectorExp.LOWEST), y[0], 1e-45);
  }

  private static void copyRow(double[] values, int columns, int from, int to) {
    System.arraycopy(values, from * columns, values, to * columns, columns);
  }

  private static int[][] found(NeighbourSearch search, double[] features, int n, int d, int k) {
    int[] neighbours = new int[n * k];
    search.find(features, n, d, k, neighbours);
    return IntStream.range(0, n)
        .mapToObj(i -> Arrays.stream(neighbours, i * k, (i + 1) * k).sorted().toArray())
        .toArray(int[][]::new);
  }

  private static int[][] exact(double[] features, int n, int d, int k) {
    double[] scales = new double[n];
    for (int i = 0; i < n; i++) {
      double squares = 0;
      for (int f = 0; f < d; f++) {
        squares += features[i * d + f] * features[i * d + f];
      }
      scales[i] = 1 / Math.max(Math.sqrt(squares), 1e-12);
    }
    int[][] rows = new int[n][];
    for (int i = 0; i < n; i++) {
      int self = i;
      double[] distances = new double[n];
      for (int j = 0; j < n; j++) {
        for (int f = 0; f < d; f++) {
          double difference = features[i * d + f] * scales[i] - features[j * d + f] * scales[j];
          distances[j] += difference * difference;
        }
      }
      rows[i] =
          IntStream.range(0, n)
              .filter(j -> j != self)
              .boxed()
              .sorted(Comparator.comparingDouble(j -> distances[j]))
              .limit(k)
              .mapToInt(Integer::intValue)
              .sorted()
              .toArray();
    }
    return rows;
  }
}

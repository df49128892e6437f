package io.acclimate.simulators.bench;

import io.acclimate.runtime.SeedTree;
import io.acclimate.tta.OutputBatch;
import io.acclimate.tta.lame.Lame;
import io.acclimate.tta.lame.LameSettings;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.commons.rng.UniformRandomProvider;

/**
 * What one call of LAME with 5 neighbours takes, on one thread, at three sizes: samples, classes
 * and features of a batch as in {@code n64c1000d2048}. Beside it what the machine can do: the rate
 * of float32 multiply-adds on numbers in the first-level cache, and of copying memory.
 */
public final class LameBench implements Benchmark {
  private static final int WARM_UP_MILLIS = 3000;
  private static final int CALLS = 101;
  private static final double SPREAD = 0.5;

  /** Multiply-adds and products of one exponential, with its weight and the row's scaling. */
  private static final int OPERATIONS_PER_ENTRY = 32;

  private static final int PEAK_LENGTH = 1024;
  private static final int COPY_BYTES = 1 << 26;

  /** The size of a batch. */
  private record Size(int n, int c, int d) {
    String name() {
      return "n" + n + "c" + c + "d" + d;
    }
  }

  private static final List<Size> SIZES =
      List.of(new Size(64, 1000, 2048), new Size(128, 10, 640), new Size(512, 100, 768));

  @Override
  public Map<String, Double> run(Progress progress) {
    Map<String, Double> figures = new LinkedHashMap<>();
    for (Size size : SIZES) {
      measure(size, figures, progress);
    }
    figures.put("peakGflops", peakGflops());
    figures.put("copyGBytesPerSecond", copyRate());
    return figures;
  }

  private static void measure(Size size, Map<String, Double> figures, Consumer<String> progress) {
    OutputBatch batch = batch(size, SeedTree.of(1).child(size.name()).generator());
    Lame lame = new Lame(LameSettings.defaults());
    double[] corrected = new double[size.n() * size.c()];
    long end = System.nanoTime() + WARM_UP_MILLIS * 1_000_000L;
    while (System.nanoTime() < end) {
      lame.predict(batch, corrected);
    }
    double[] millis = new double[CALLS];
    for (int i = 0; i < CALLS; i++) {
      long start = System.nanoTime();
      lame.predict(batch, corrected);
      millis[i] = (System.nanoTime() - start) / 1e6;
    }
    double median = Medians.of(millis);
    figures.put(size.name() + "Millis", median);
    figures.put(size.name() + "Gflops", operations(size, lame.iterations()) / median / 1e6);
    figures.put(size.name() + "GBytesPerSecond", bytes(size, lame.iterations()) / median / 1e6);
    progress.accept(
        "%s: %.3f ms (p10 %.3f, p90 %.3f), %d updates"
            .formatted(
                size.name(),
                median,
                millis[CALLS / 10],
                millis[CALLS - 1 - CALLS / 10],
                lame.iterations()));
    lame.close();
  }

  /** Samples around a centre for each class, labels in short runs, an unsure model. */
  private static OutputBatch batch(Size size, UniformRandomProvider random) {
    int n = size.n();
    double[] probabilities = new double[n * size.c()];
    double[] features = new double[n * size.d()];
    SeedTree centres = SeedTree.of(2).child(size.name());
    int label = 0;
    for (int i = 0; i < n; i++) {
      label = i % 4 == 0 ? random.nextInt(size.c()) : label;
      UniformRandomProvider centre = centres.child(label).generator();
      for (int f = 0; f < size.d(); f++) {
        features[i * size.d() + f] = centre.nextDouble() + SPREAD * random.nextDouble();
      }
      double sum = 0;
      for (int c = 0; c < size.c(); c++) {
        double value = Math.exp(3 * random.nextDouble() + (c == label ? 3 : 0));
        probabilities[i * size.c() + c] = value;
        sum += value;
      }
      for (int c = 0; c < size.c(); c++) {
        probabilities[i * size.c() + c] /= sum;
      }
    }
    return new OutputBatch(n, size.c(), size.d(), probabilities, features, null);
  }

  /** Floating-point operations of one call. */
  private static double operations(Size size, int updates) {
    double n = size.n();
    double pairs = 2 * n * n * size.d() + 2 * n * size.d();
    int perEntry = LameSettings.defaults().knn() + OPERATIONS_PER_ENTRY;
    return pairs + updates * n * size.c() * perEntry;
  }

  /**
   * Bytes that one call's own loops, outside of the matrix product, read and write in any cache.
   */
  private static double bytes(Size size, int updates) {
    double n = size.n();
    double load = n * size.d() * (2 * Double.BYTES + 2 * Float.BYTES);
    double pairs = 2 * n * n * Float.BYTES;
    double perEntry = (2 * LameSettings.defaults().knn() + 8) * Double.BYTES;
    return load + pairs + updates * n * size.c() * perEntry;
  }

  private static double peakGflops() {
    float[][] rows = new float[5][PEAK_LENGTH];
    double best = 0;
    for (int round = 0; round < 200; round++) {
      long start = System.nanoTime();
      for (int i = 0; i < 1000; i++) {
        multiplyAdd(rows[0], rows[1], rows[2], rows[3], rows[4]);
      }
      best = Math.max(best, 8.0 * PEAK_LENGTH * 1000 / (System.nanoTime() - start));
    }
    return best;
  }

  private static void multiplyAdd(float[] a, float[] b, float[] c, float[] d, float[] target) {
    for (int i = 0; i < PEAK_LENGTH; i++) {
      target[i] =
          Math.fma(
              1.5f,
              a[i],
              Math.fma(2.5f, b[i], Math.fma(3.5f, c[i], Math.fma(4.5f, d[i], target[i]))));
    }
  }

  /** Bytes read and written by copying an array larger than the caches of one core. */
  private static double copyRate() {
    byte[] from = new byte[COPY_BYTES];
    byte[] to = new byte[COPY_BYTES];
    double best = 0;
    for (int round = 0; round < 20; round++) {
      long start = System.nanoTime();
      System.arraycopy(from, 0, to, 0, COPY_BYTES);
      best = Math.max(best, 2.0 * COPY_BYTES / (System.nanoTime() - start));
    }
    return best;
  }
}

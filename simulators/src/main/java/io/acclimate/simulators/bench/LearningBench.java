package io.acclimate.simulators.bench;

import com.typesafe.config.ConfigFactory;
import io.acclimate.actors.AdaptiveRuntime;
import io.acclimate.actors.AdaptiveStream;
import io.acclimate.actors.RuntimeSettings;
import io.acclimate.actors.learn.BackgroundLearner;
import io.acclimate.actors.learn.LearnerEvent;
import io.acclimate.actors.learn.LearnerParts;
import io.acclimate.actors.learn.LearnerSettings;
import io.acclimate.bank.store.AdapterBank;
import io.acclimate.bank.store.BankSettings;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.Device;
import io.acclimate.runtime.FrozenModel;
import io.acclimate.runtime.ModelOptions;
import io.acclimate.runtime.Tensor;
import io.acclimate.simulators.Home;
import io.acclimate.simulators.data.Dataset;
import io.acclimate.simulators.data.IdxReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;
import org.apache.commons.io.file.PathUtils;

/**
 * What learning in the background at full speed does to predictions: {@value #STREAMS} streams of
 * the Fashion-MNIST transformer, images at {@value #LOAD_PERCENT} % of the rate at which one after
 * the other could be answered without learning, whether or not the one before was answered; latency
 * counts from the time at which the image was due.
 *
 * <p>Intervals with and without learning take turns, so that both meet the same machine. {@code
 * p99LearningFactor} is the 99th percentile with learning over that without; {@code stepsPerSecond}
 * says how much was learned meanwhile.
 */
public final class LearningBench implements Benchmark {
  private static final int STREAMS = 32;
  private static final int LOAD_PERCENT = 25;
  private static final int TIMED = 101;
  private static final int PER_INTERVAL = 150;
  private static final int INTERVALS = 16;
  private static final int WARM_UP = 2;
  private static final int TRAINED = 2_000;
  private static final long LONGEST_MICROS = 60_000_000;

  private final List<Tensor> images = new ArrayList<>();
  private final int[] labels = new int[TRAINED];

  @Override
  public Map<String, Double> run(Progress progress) {
    readImages();
    Path folder = temporaryFolder();
    try (FrozenModel model =
            FrozenModel.open(
                Home.example("models/fashion-vit.onnx"),
                ModelOptions.DEFAULT.onDevice(Device.CPU));
        AdaptiveRuntime runtime = AdaptiveRuntime.start(model, roomy())) {
      return run(model, runtime, folder, progress);
    } finally {
      delete(folder);
    }
  }

  /** A machine that stalls makes images late, but none is rejected. */
  private static RuntimeSettings roomy() {
    return RuntimeSettings.of(
        ConfigFactory.parseString("stream-capacity = 10000, capacity = 1000000"));
  }

  private Map<String, Double> run(
      FrozenModel model, AdaptiveRuntime runtime, Path folder, Consumer<String> progress) {
    LearnerSettings settings =
        LearnerSettings.of(
            ConfigFactory.parseString(
                "cpu-share = 1, only-when-idle = true, settings {"
                    + " modules { lora {} }, epochs = 1000 }"));
    AdapterBank bank = AdapterBank.create(folder.resolve("bank"), BankSettings.defaults());
    AtomicBoolean learning = new AtomicBoolean();
    AtomicLong steps = new AtomicLong();
    LearnerParts parts =
        LearnerParts.of(model, "logits", "features", settings, bank, folder.resolve("learner"))
            .withListener(event -> steps.addAndGet(event instanceof LearnerEvent.Step ? 1 : 0));
    List<AdaptiveStream> streams = new ArrayList<>();
    for (int k = 0; k < STREAMS; k++) {
      streams.add(runtime.stream("stream-" + k, "frozen"));
    }
    try (BackgroundLearner learner = BackgroundLearner.start(parts, settings, learning::get)) {
      teach(learner);
      interval(streams, 0);
      long every = serviceNanos(streams.get(0)) * 100 / LOAD_PERCENT;
      progress.accept("an image every %.1f ms".formatted(every / 1e6));
      Histogram[] latency = {histogram(), histogram()};
      long learningNanos = 0;
      for (int interval = -WARM_UP; interval < INTERVALS; interval++) {
        int side = Math.floorMod(interval, 2);
        learning.set(side == 1);
        long start = System.nanoTime();
        Histogram found = interval(streams, every);
        if (side == 1) {
          learningNanos += System.nanoTime() - start;
        }
        if (interval >= 0) {
          latency[side].add(found);
          progress.accept(
              "interval %d of %d, %s learning: p99 %.1f ms"
                  .formatted(
                      interval + 1,
                      INTERVALS,
                      side == 1 ? "with" : "without",
                      found.getValueAtPercentile(99) / 1e3));
        }
      }
      return figures(latency, steps.get() / (learningNanos / 1e9));
    }
  }

  private static Map<String, Double> figures(Histogram[] latency, double stepsPerSecond) {
    double alone = latency[0].getValueAtPercentile(99) / 1e3;
    double learning = latency[1].getValueAtPercentile(99) / 1e3;
    Map<String, Double> figures = new LinkedHashMap<>();
    figures.put("p99LearningFactor", learning / alone);
    figures.put("p99AloneMillis", alone);
    figures.put("p99LearningMillis", learning);
    figures.put("p50LearningFactor", ratio(latency, 50));
    figures.put("stepsPerSecond", stepsPerSecond);
    return figures;
  }

  private static double ratio(Histogram[] latency, double percentile) {
    return latency[1].getValueAtPercentile(percentile)
        / (double) latency[0].getValueAtPercentile(percentile);
  }

  private static Histogram histogram() {
    return new ConcurrentHistogram(LONGEST_MICROS, 3);
  }

  /** One task that is long enough for all intervals. */
  private void teach(BackgroundLearner learner) {
    Tensor all = Tensor.allocate(DType.FLOAT32, TRAINED, 1, 28, 28);
    ByteBuffer target = all.bytes();
    images.forEach(image -> target.put(image.bytes()));
    learner.offer(Map.of("image", all), labels).toCompletableFuture().join();
    learner.endTask("bench").toCompletableFuture().join();
  }

  /** The median time of an image that is asked for alone. */
  private long serviceNanos(AdaptiveStream stream) {
    long[] nanos = new long[TIMED];
    for (int k = 0; k < TIMED; k++) {
      long start = System.nanoTime();
      stream.predict(images.get(k)).toCompletableFuture().join();
      nanos[k] = System.nanoTime() - start;
    }
    Arrays.sort(nanos);
    return nanos[TIMED / 2];
  }

  /** Sends images at their times to one stream after the other. */
  private Histogram interval(List<AdaptiveStream> streams, long everyNanos) {
    Histogram latency = histogram();
    List<CompletableFuture<?>> answers = new ArrayList<>();
    long begin = System.nanoTime();
    for (int k = 0; k < PER_INTERVAL; k++) {
      long due = begin + k * everyNanos;
      for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
        LockSupport.parkNanos(left);
      }
      answers.add(
          streams
              .get(k % STREAMS)
              .predict(images.get(k))
              .whenComplete(
                  (prediction, error) ->
                      latency.recordValue(
                          Math.min(LONGEST_MICROS, (System.nanoTime() - due) / 1_000)))
              .toCompletableFuture());
    }
    CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new)).join();
    return latency;
  }

  private void readImages() {
    Dataset data =
        IdxReader.read(
            Home.example("data/fashion-mnist/t10k-images-idx3-ubyte.gz"),
            Home.example("data/fashion-mnist/t10k-labels-idx1-ubyte.gz"),
            List.of());
    images.clear();
    for (int k = 0; k < TRAINED; k++) {
      float[] values = new float[28 * 28];
      data.copySample(k, values, 0);
      images.add(Tensor.ofFloats(values, 1, 1, 28, 28));
      labels[k] = data.label(k);
    }
  }

  private static Path temporaryFolder() {
    try {
      return Files.createTempDirectory("acclimate-bench-learning");
    } catch (IOException e) {
      throw new AcclimateException("cannot make a temporary folder: " + e, e);
    }
  }

  private static void delete(Path folder) {
    try {
      PathUtils.deleteDirectory(folder);
    } catch (IOException e) {
      throw new AcclimateException("cannot remove " + folder + ": " + e, e);
    }
  }
}

package io.acclimate.simulators.bench;

import com.typesafe.config.ConfigFactory;
import io.acclimate.actors.AdaptiveRuntime;
import io.acclimate.actors.AdaptiveStream;
import io.acclimate.actors.FeedbackOutcome;
import io.acclimate.actors.Prediction;
import io.acclimate.actors.RuntimeSettings;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.Device;
import io.acclimate.runtime.FrozenModel;
import io.acclimate.runtime.ModelOptions;
import io.acclimate.runtime.Tensor;
import io.acclimate.simulators.Home;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.commons.io.file.PathUtils;

/**
 * A long run in short: streams are opened, adapt, take feedback, are put on disk, come back, and
 * are closed, again and again. Heap, resident memory and threads must stand where they stood after
 * the first fifth of the rounds.
 */
public final class SoakBench implements Benchmark {
  private static final int ROUNDS = 500;
  private static final int STREAMS = 40;
  private static final int BATCHES = 4;
  private static final double MEGABYTE = 1 << 20;

  /** What may be added without being a leak: caches of the JVM and of native allocators. */
  private static final double HEAP_ALLOWANCE = 8 * MEGABYTE;

  private static final double RESIDENT_ALLOWANCE = 96 * MEGABYTE;
  private static final int THREAD_ALLOWANCE = 8;
  private static final List<String> METHODS = List.of("lame", "label-shift-em", "t3a", "auto");

  private final int rounds;

  /** The full length. */
  public SoakBench() {
    this(ROUNDS);
  }

  /** Another length: rounds of 160 batches, at least 5. */
  public SoakBench(int rounds) {
    this.rounds = rounds;
  }

  private record Level(double heap, double resident, int threads) {
    static Level now() {
      System.gc();
      Runtime jvm = Runtime.getRuntime();
      return new Level(
          jvm.totalMemory() - jvm.freeMemory(),
          ProcessMemory.resident(),
          ManagementFactory.getThreadMXBean().getThreadCount());
    }
  }

  @Override
  public Map<String, Double> run(Progress progress) {
    try {
      Path folder = Files.createTempDirectory("acclimate-soak");
      try {
        return soak(folder, progress);
      } finally {
        PathUtils.deleteDirectory(folder);
      }
    } catch (IOException e) {
      throw new AcclimateException("expected a temporary folder, found: " + e, e);
    }
  }

  private Map<String, Double> soak(Path folder, Progress progress) {
    RuntimeSettings settings =
        RuntimeSettings.of(ConfigFactory.parseMap(Map.of("passivation.folder", folder.toString())));
    Path file = Home.example("models/fashion-vit.onnx");
    List<Tensor> inputs = LoadBench.inputs();
    try (FrozenModel model = FrozenModel.open(file, ModelOptions.DEFAULT.onDevice(Device.CPU));
        AdaptiveRuntime runtime = AdaptiveRuntime.start(model, settings)) {
      Level first = Level.now();
      for (int round = 0; round < rounds; round++) {
        progress.checkpoint();
        round(runtime, inputs, round);
        if (round == rounds / 5) {
          first = Level.now();
        }
        if (round % Math.max(1, rounds / 10) == 0) {
          progress.accept(
              "round %d of %d: %.0f MB resident"
                  .formatted(round, rounds, ProcessMemory.resident() / MEGABYTE));
        }
      }
      return figures(first, Level.now());
    }
  }

  private static void round(AdaptiveRuntime runtime, List<Tensor> inputs, int round) {
    List<AdaptiveStream> streams = new ArrayList<>();
    for (int s = 0; s < STREAMS; s++) {
      streams.add(runtime.stream("round-" + round + "-" + s, METHODS.get(s % METHODS.size())));
    }
    for (int batch = 0; batch < BATCHES; batch++) {
      List<CompletableFuture<?>> under = new ArrayList<>();
      for (int s = 0; s < STREAMS; s++) {
        AdaptiveStream stream = streams.get(s);
        Tensor input = inputs.get((round + s + batch) % inputs.size());
        under.add(stream.adapt(input).thenCompose(p -> feedback(stream, p)).toCompletableFuture());
      }
      CompletableFuture.allOf(under.toArray(CompletableFuture[]::new)).join();
      if (batch == BATCHES / 2) {
        streams.forEach(stream -> stream.passivate().toCompletableFuture().join());
      }
    }
    streams.forEach(stream -> runtime.closeStream(stream.id()));
  }

  private static CompletionStage<FeedbackOutcome> feedback(
      AdaptiveStream stream, Prediction prediction) {
    return stream.feedback(prediction.predictionId(), prediction.labels());
  }

  private Map<String, Double> figures(Level first, Level last) {
    Map<String, Double> figures = new LinkedHashMap<>();
    figures.put("batches", (double) rounds * STREAMS * BATCHES);
    figures.put("heapGrowthBytes", last.heap() - first.heap());
    figures.put("residentGrowthBytes", last.resident() - first.resident());
    figures.put("threadGrowth", (double) last.threads() - first.threads());
    figures.put("peakBytes", (double) ProcessMemory.peak());
    boolean flat =
        figures.get("heapGrowthBytes") <= HEAP_ALLOWANCE
            && figures.get("residentGrowthBytes") <= RESIDENT_ALLOWANCE
            && figures.get("threadGrowth") <= THREAD_ALLOWANCE;
    if (!flat) {
      throw new AcclimateException(
          "soak: expected at most %.0f MB more heap, %.0f MB more resident memory and %d more threads, found %s"
              .formatted(
                  HEAP_ALLOWANCE / MEGABYTE,
                  RESIDENT_ALLOWANCE / MEGABYTE,
                  THREAD_ALLOWANCE,
                  figures));
    }
    return figures;
  }
}

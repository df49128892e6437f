package io.acclimate.simulators.bench;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.acclimate.actors.AdaptiveRuntime;
import io.acclimate.actors.AdaptiveStream;
import io.acclimate.actors.Prediction;
import io.acclimate.runtime.Device;
import io.acclimate.runtime.FrozenModel;
import io.acclimate.runtime.ModelOptions;
import io.acclimate.runtime.Tensor;
import io.acclimate.simulators.Home;
import io.acclimate.simulators.data.Dataset;
import io.acclimate.simulators.data.IdxReader;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * What the actors cost: samples per second of a bare ONNX Runtime loop, of the pipeline with {@code
 * frozen} and with {@code lame}, on the Fashion-MNIST transformer at batch 64 on the CPU.
 *
 * <p>The three take turns, round by round, in an order that changes; a ratio is the median over the
 * rounds.
 */
public final class PipelineBench implements Benchmark {
  private static final int BATCH = 64;
  private static final int BATCHES = 24;
  private static final int WARM_UP_ROUNDS = 2;
  private static final int ROUNDS = 15;
  private static final int UNDER_WAY = 3;

  @Override
  public Map<String, Double> run(Progress progress) {
    Path file = Home.example("models/fashion-vit.onnx");
    List<Tensor> batches = batches();
    try (FrozenModel model = FrozenModel.open(file, ModelOptions.DEFAULT.onDevice(Device.CPU));
        AdaptiveRuntime runtime = AdaptiveRuntime.start(model);
        OrtSession.SessionOptions options = new OrtSession.SessionOptions();
        OrtSession session =
            OrtEnvironment.getEnvironment().createSession(file.toString(), options)) {
      AdaptiveStream frozen = runtime.stream("frozen", "frozen");
      AdaptiveStream lame = runtime.stream("lame", "lame");
      List<Runnable> sides =
          List.of(
              () -> bareLoop(session, batches),
              () -> pipeline(frozen, batches),
              () -> pipeline(lame, batches));
      return figures(measure(sides, progress));
    } catch (OrtException e) {
      throw new IllegalStateException("the bare loop failed", e);
    }
  }

  private static List<Tensor> batches() {
    Dataset data =
        IdxReader.read(
            Home.example("data/fashion-mnist/t10k-images-idx3-ubyte.gz"),
            Home.example("data/fashion-mnist/t10k-labels-idx1-ubyte.gz"),
            List.of());
    int perSample = 28 * 28;
    List<Tensor> batches = new ArrayList<>();
    for (int b = 0; b < BATCHES; b++) {
      float[] values = new float[BATCH * perSample];
      for (int i = 0; i < BATCH; i++) {
        data.copySample(b * BATCH + i, values, i * perSample);
      }
      batches.add(Tensor.ofFloats(values, BATCH, 1, 28, 28));
    }
    return batches;
  }

  private static double[][] measure(List<Runnable> sides, Consumer<String> progress) {
    double[][] samplesPerSecond = new double[sides.size()][ROUNDS];
    for (int round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
      for (int turn = 0; turn < sides.size(); turn++) {
        int side = Math.floorMod(turn + round, sides.size());
        long start = System.nanoTime();
        sides.get(side).run();
        double seconds = (System.nanoTime() - start) / 1e9;
        if (round >= 0) {
          samplesPerSecond[side][round] = BATCH * BATCHES / seconds;
        }
      }
      if (round >= 0) {
        progress.accept(
            "round %d of %d: bare %.0f, frozen %.0f, lame %.0f samples/s"
                .formatted(
                    round + 1,
                    ROUNDS,
                    samplesPerSecond[0][round],
                    samplesPerSecond[1][round],
                    samplesPerSecond[2][round]));
      }
    }
    return samplesPerSecond;
  }

  private static Map<String, Double> figures(double[][] samplesPerSecond) {
    Map<String, Double> figures = new LinkedHashMap<>();
    figures.put("bareSamplesPerSecond", Medians.of(samplesPerSecond[0]));
    figures.put("frozenRatio", medianRatio(samplesPerSecond[1], samplesPerSecond[0]));
    figures.put("lameRatio", medianRatio(samplesPerSecond[2], samplesPerSecond[0]));
    return figures;
  }

  private static double medianRatio(double[] side, double[] bare) {
    double[] ratios = new double[side.length];
    for (int i = 0; i < side.length; i++) {
      ratios[i] = side[i] / bare[i];
    }
    return Medians.of(ratios);
  }

  /** The least a user's own loop does: input in place, logits and features into one result. */
  private static void bareLoop(OrtSession session, List<Tensor> batches) {
    for (Tensor batch : batches) {
      try (OnnxTensor input =
              OnnxTensor.createTensor(
                  OrtEnvironment.getEnvironment(), batch.floats(), batch.shape());
          OrtSession.Result result =
              session.run(Map.of("image", input), Set.of("logits", "features"))) {
        ((OnnxTensor) result.get("logits").orElseThrow()).getFloatBuffer();
      } catch (OrtException e) {
        throw new IllegalStateException("the bare loop failed", e);
      }
    }
  }

  private static void pipeline(AdaptiveStream stream, List<Tensor> batches) {
    Deque<CompletableFuture<Prediction>> underWay = new ArrayDeque<>();
    for (Tensor batch : batches) {
      if (underWay.size() == UNDER_WAY) {
        underWay.removeFirst().join();
      }
      underWay.addLast(stream.adapt(batch).toCompletableFuture());
    }
    underWay.forEach(CompletableFuture::join);
  }
}

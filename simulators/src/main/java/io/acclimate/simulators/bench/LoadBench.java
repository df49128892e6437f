package io.acclimate.simulators.bench;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import com.typesafe.config.ConfigFactory;
import io.acclimate.actors.AdaptiveRuntime;
import io.acclimate.actors.RuntimeSettings;
import io.acclimate.runtime.Device;
import io.acclimate.runtime.FrozenModel;
import io.acclimate.runtime.ModelOptions;
import io.acclimate.runtime.Tensor;
import io.acclimate.simulators.Home;
import io.acclimate.simulators.data.Dataset;
import io.acclimate.simulators.data.IdxReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Five hundred streams of single images against one model, the Fashion-MNIST transformer on the
 * CPU: calls shared by the streams, a call for each request, and a bare ONNX Runtime loop at the
 * size of the shared calls. The three take turns, round by round; figures are medians over the
 * rounds. {@code p99LearningFactor} is that of {@link LearningBench}.
 */
public final class LoadBench implements Benchmark {
  private static final int STREAMS = 500;
  private static final int ROUNDS = 7;
  private static final int WARM_UP_ROUNDS = 1;
  private static final long ROUND_MILLIS = 4000;
  private static final int PIXELS = 28 * 28;

  @Override
  public Map<String, Double> run(Progress progress) {
    Path file = Home.example("models/fashion-vit.onnx");
    List<Tensor> inputs = inputs();
    RuntimeSettings shared = RuntimeSettings.defaults();
    RuntimeSettings single =
        RuntimeSettings.of(ConfigFactory.parseString("micro-batch.max-batch = 1"));
    try (FrozenModel model = FrozenModel.open(file, ModelOptions.DEFAULT.onDevice(Device.CPU));
        AdaptiveRuntime together = AdaptiveRuntime.start(model, shared);
        AdaptiveRuntime oneByOne = AdaptiveRuntime.start(model, single);
        OrtSession.SessionOptions options = new OrtSession.SessionOptions();
        OrtSession session =
            OrtEnvironment.getEnvironment().createSession(file.toString(), options)) {
      StreamLoad load = new StreamLoad(together, inputs);
      StreamLoad slow = new StreamLoad(oneByOne, inputs);
      Tensor batch = batch(inputs, shared.microBatch().maxRows());
      double[][] measured = new double[4][ROUNDS];
      for (int round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
        double bare = bareLoop(session, batch);
        StreamLoad.Result fast = load.run(ROUND_MILLIS);
        double slowly = slow.run(ROUND_MILLIS).perSecond();
        if (round < 0) {
          load.forgetTimes();
          continue;
        }
        measured[0][round] = fast.perSecond();
        measured[1][round] = fast.perSecond() / slowly;
        measured[2][round] = fast.perSecond() / bare;
        measured[3][round] = fast.fairness();
        progress.accept(
            "round %d of %d: shared calls %.0f, one by one %.0f, bare loop %.0f samples/s"
                .formatted(round + 1, ROUNDS, fast.perSecond(), slowly, bare));
      }
      Map<String, Double> figures = figures(measured, load);
      Map<String, Double> learning = new LearningBench().run(progress);
      figures.put("p99LearningFactor", learning.get("p99LearningFactor"));
      return figures;
    } catch (OrtException e) {
      throw new IllegalStateException("the bare loop failed", e);
    }
  }

  private static Map<String, Double> figures(double[][] measured, StreamLoad load) {
    Map<String, Double> figures = new LinkedHashMap<>();
    figures.put("samplesPerSecond", Medians.of(measured[0]));
    figures.put("microBatchSpeedup", Medians.of(measured[1]));
    figures.put("ratioToBareLoop", Medians.of(measured[2]));
    figures.put("fairness", Medians.of(measured[3]));
    figures.put("p50Millis", load.millisAt(50));
    figures.put("p99Millis", load.millisAt(99));
    figures.put("p999Millis", load.millisAt(99.9));
    figures.put("peakBytes", (double) ProcessMemory.peak());
    return figures;
  }

  /** One image for each stream. */
  static List<Tensor> inputs() {
    Dataset data =
        IdxReader.read(
            Home.example("data/fashion-mnist/t10k-images-idx3-ubyte.gz"),
            Home.example("data/fashion-mnist/t10k-labels-idx1-ubyte.gz"),
            List.of());
    List<Tensor> inputs = new ArrayList<>();
    float[] values = new float[PIXELS];
    for (int s = 0; s < STREAMS; s++) {
      data.copySample(s, values, 0);
      inputs.add(Tensor.ofFloats(values, 1, 1, 28, 28));
    }
    return inputs;
  }

  private static Tensor batch(List<Tensor> inputs, int rows) {
    float[] values = new float[rows * PIXELS];
    for (int i = 0; i < rows; i++) {
      inputs.get(i).floats().get(values, i * PIXELS, PIXELS);
    }
    return Tensor.ofFloats(values, rows, 1, 28, 28);
  }

  /** Samples per second of a user's own loop: input in place, logits and features out. */
  private static double bareLoop(OrtSession session, Tensor batch) throws OrtException {
    long start = System.nanoTime();
    long now = start;
    long samples = 0;
    while (now - start < ROUND_MILLIS * 1_000_000) {
      try (OnnxTensor input =
              OnnxTensor.createTensor(
                  OrtEnvironment.getEnvironment(), batch.floats(), batch.shape());
          OrtSession.Result result =
              session.run(Map.of("image", input), Set.of("logits", "features"))) {
        ((OnnxTensor) result.get("logits").orElseThrow()).getFloatBuffer();
        ((OnnxTensor) result.get("features").orElseThrow()).getFloatBuffer();
      }
      samples += batch.dim(0);
      now = System.nanoTime();
    }
    return samples / ((now - start) / 1e9);
  }
}

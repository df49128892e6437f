package io.acclimate.actors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.acclimate.runtime.DType;
import io.acclimate.runtime.Device;
import io.acclimate.runtime.FrozenModel;
import io.acclimate.runtime.ModelOptions;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.apache.commons.rng.UniformRandomProvider;
import org.junit.jupiter.api.Test;

/** Streams that learn by gradients run in shared sessions and know nothing of each other. */
class GradientStreamsTest {
  private static final int STREAMS = 4;
  private static final int BATCHES = 4;

  private static Tensor batch(int stream, int number) {
    UniformRandomProvider random = SeedTree.of(stream).child(number).generator();
    Tensor images = Tensor.allocate(DType.FLOAT32, 8, 1, 28, 28);
    for (int i = 0; i < images.elements(); i++) {
      images.floats().put(i, random.nextFloat());
    }
    return images;
  }

  /** All batches of some streams at the same time, with several threads in each call. */
  private static List<float[]> adapt(FrozenModel model, int from, int to) {
    List<CompletionStage<Prediction>> answers = new ArrayList<>();
    try (AdaptiveRuntime runtime = AdaptiveRuntime.start(model)) {
      for (int s = from; s < to; s++) {
        AdaptiveStream stream = runtime.stream("stream-" + s, "tent");
        for (int b = 0; b < BATCHES; b++) {
          answers.add(stream.adapt(batch(s, b)));
        }
      }
      return answers.stream()
          .map(answer -> answer.toCompletableFuture().join().probabilities())
          .toList();
    }
  }

  @Test
  void sharedSessionsGiveTheBitsOfOnesOwn() {
    Path file = Path.of("../examples/models/fashion-vit.onnx");
    try (FrozenModel model = FrozenModel.open(file, new ModelOptions(Device.CPU, 2))) {
      List<float[]> together = adapt(model, 0, STREAMS);
      for (int s = 0; s < STREAMS; s++) {
        List<float[]> alone = adapt(model, s, s + 1);
        for (int b = 0; b < BATCHES; b++) {
          assertArrayEquals(alone.get(b), together.get(s * BATCHES + b), s + "/" + b);
        }
      }
    }
  }
}

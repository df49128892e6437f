package io.acclimate.actors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.Behaviors;
import akka.stream.javadsl.Sink;
import akka.stream.javadsl.Source;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.FrozenModel;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.testing.TinyModels;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StreamFlowsTest {
  private static final int MANY = 200;

  /** A source that is faster than the model is held back; nothing is rejected or out of order. */
  @Test
  void flowAnswersInOrderAndHoldsTheSourceBack(@TempDir Path folder) throws Exception {
    Path file = TinyModels.linear(folder.resolve("t.onnx"), 3, 3, TinyModels.identity(3));
    ActorSystem<Void> system = ActorSystem.create(Behaviors.empty(), "flows");
    try (FrozenModel model = FrozenModel.open(file);
        AdaptiveRuntime runtime = AdaptiveRuntime.start(model)) {
      AdaptiveStream stream = runtime.stream("a", "trouble");
      List<Tensor> batches =
          IntStream.range(0, MANY)
              .mapToObj(i -> Tensor.ofFloats(new float[] {1, 1, 1}, 1, 3))
              .toList();
      List<Prediction> answers =
          Source.from(batches)
              .via(StreamFlows.adapt(stream))
              .runWith(Sink.seq(), system)
              .toCompletableFuture()
              .join();
      for (int i = 0; i < MANY; i++) {
        assertEquals(i, answers.get(i).sequence());
      }
      assertEquals(0, stream.stats().counts().rejected());
      CompletableFuture<Prediction> bad =
          Source.single(Tensor.ofFloats(new float[] {Float.NaN, 1, 1}, 1, 3))
              .via(StreamFlows.predict(stream))
              .runWith(Sink.head(), system)
              .toCompletableFuture();
      CompletionException error = assertThrows(CompletionException.class, bad::join);
      assertInstanceOf(AcclimateException.class, error.getCause());
      assertEquals(1, stream.stats().counts().failed());
      stream.adapt(batches.get(0)).toCompletableFuture().join();
    } finally {
      system.terminate();
    }
  }
}

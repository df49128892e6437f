package io.acclimate.actors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.FrozenModel;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.testing.TinyModels;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.commons.rng.UniformRandomProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Requests of several streams in one call of the model. */
class MicroBatchTest {
  private static final int INPUTS = 96;
  private static final int CLASSES = 12;
  private static final int STREAMS = 24;
  private static final int ROUNDS = 5;

  @TempDir Path folder;

  /** Whoever else is served, a stream's answers have the same bits as when it is alone. */
  @Test
  void answersAreThoseOfAStreamAlone() throws IOException {
    try (FrozenModel model = FrozenModel.open(wide())) {
      List<float[]> alone = new ArrayList<>();
      for (int s = 0; s < STREAMS; s++) {
        try (AdaptiveRuntime runtime = AdaptiveRuntime.start(model)) {
          AdaptiveStream stream = runtime.stream("s", "frozen");
          for (int round = 0; round < ROUNDS; round++) {
            alone.add(stream.adapt(batch(s, round)).toCompletableFuture().join().probabilities());
          }
        }
      }
      Calls calls = new Calls();
      try (AdaptiveRuntime runtime = AdaptiveRuntime.start(model)) {
        runtime.addListener(calls);
        List<List<CompletableFuture<Prediction>>> together = new ArrayList<>();
        List<AdaptiveStream> streams = new ArrayList<>();
        for (int s = 0; s < STREAMS; s++) {
          streams.add(runtime.stream("s" + s, "frozen"));
          together.add(new ArrayList<>());
        }
        for (int round = 0; round < ROUNDS; round++) {
          for (int s = 0; s < STREAMS; s++) {
            together.get(s).add(streams.get(s).adapt(batch(s, round)).toCompletableFuture());
          }
        }
        calls.allSent.countDown();
        for (int s = 0; s < STREAMS; s++) {
          for (int round = 0; round < ROUNDS; round++) {
            Prediction prediction = together.get(s).get(round).join();
            assertEquals(round, prediction.sequence());
            assertArrayEquals(alone.get(s * ROUNDS + round), prediction.probabilities());
          }
        }
      }
      assertEquals(STREAMS * ROUNDS, calls.requests.get());
      assertTrue(calls.count.get() < calls.requests.get(), "no two requests shared a call");
    }
  }

  private Path wide() throws IOException {
    UniformRandomProvider random = SeedTree.of(3).generator();
    float[] weights = new float[INPUTS * CLASSES];
    for (int k = 0; k < weights.length; k++) {
      weights[k] = random.nextFloat() - 0.5f;
    }
    return TinyModels.linear(folder.resolve("wide.onnx"), INPUTS, CLASSES, weights);
  }

  /** One to three rows, different for each stream and round. */
  private static Tensor batch(int stream, int round) {
    UniformRandomProvider random = SeedTree.of(stream).child("round " + round).generator();
    int rows = 1 + (stream + round) % 3;
    float[] values = new float[rows * INPUTS];
    for (int k = 0; k < values.length; k++) {
      values[k] = random.nextFloat();
    }
    return Tensor.ofFloats(values, rows, INPUTS);
  }

  /** Counts the model's calls; the second one waits until everything is sent. */
  private static final class Calls implements RuntimeListener {
    private final CountDownLatch allSent = new CountDownLatch(1);
    private final AtomicInteger count = new AtomicInteger();
    private final AtomicInteger requests = new AtomicInteger();

    @Override
    public void inferred(int together, int rows, int filling, long nanos) {
      count.incrementAndGet();
      requests.addAndGet(together);
      TroubleProvider.await(allSent);
    }
  }

  /** A batch that crashes the model is set aside; those in the same call are answered. */
  @Test
  void poisonIsSetAsideAndTakesNobodyWithIt() throws IOException {
    Path file = TinyModels.fragile(folder.resolve("fragile.onnx"), 3, 3);
    try (FrozenModel model = FrozenModel.open(file);
        AdaptiveRuntime runtime = AdaptiveRuntime.start(model)) {
      List<AdaptiveStream> streams = new ArrayList<>();
      for (int s = 0; s < 8; s++) {
        streams.add(runtime.stream("s" + s, "frozen"));
      }
      for (int round = 0; round < 4; round++) {
        List<CompletableFuture<Prediction>> answers = new ArrayList<>();
        for (int s = 0; s < 8; s++) {
          float value = s == 5 ? 1000 : s % 3;
          answers.add(
              streams
                  .get(s)
                  .adapt(Tensor.ofFloats(new float[] {value, 0, 0}, 1, 3))
                  .toCompletableFuture());
        }
        for (int s = 0; s < 8; s++) {
          CompletableFuture<Prediction> answer = answers.get(s);
          if (s == 5) {
            CompletionException error = assertThrows(CompletionException.class, answer::join);
            assertTrue(error.getCause() instanceof AcclimateException, "" + error.getCause());
          } else {
            assertEquals(s % 3, answer.join().labels()[0]);
          }
        }
      }
      assertEquals(4, streams.get(5).stats().counts().quarantined());
      assertEquals(4, streams.get(5).quarantined().size());
      assertEquals(0, streams.get(4).stats().counts().failed());
    }
  }

  /** A stream with many requests gets one of them into a round. */
  @Test
  void streamsTakeTurns() {
    WaitingRequests waiting = new WaitingRequests();
    for (int i = 0; i < 3; i++) {
      waiting.add("greedy", request(i, 1));
    }
    waiting.add("modest", request(10, 2));
    waiting.add("last", request(20, 1));
    assertEquals(6, waiting.rows());
    assertEquals(List.of(0L, 10L, 20L), numbers(waiting.take(4, 0)));
    assertEquals(List.of(1L, 2L), numbers(waiting.take(4, 0)));
    assertTrue(waiting.isEmpty());
    assertEquals(0, waiting.rows());
  }

  /** Requests that do not fit, or whose rows have another shape, wait for the next call. */
  @Test
  void onlyLikeRowsGoTogether() {
    WaitingRequests waiting = new WaitingRequests();
    waiting.add("a", request(0, 3));
    waiting.add("b", request(1, 2));
    waiting.add(
        "c",
        new ModelServer.Infer(
            new Request(2, other(), null, false, AdapterChoice.FROZEN, 0, null), null));
    assertEquals(List.of(0L), numbers(waiting.take(4, 0)));
    assertEquals(List.of(1L), numbers(waiting.take(4, 0)));
    assertEquals(List.of(2L), numbers(waiting.take(0, 0)), "at least one is taken");
  }

  private static ModelServer.Infer request(long number, int rows) {
    Tensor input = Tensor.allocate(DType.FLOAT32, rows, INPUTS);
    return new ModelServer.Infer(
        new Request(number, input, null, false, AdapterChoice.FROZEN, 0, null), null);
  }

  private static Tensor other() {
    return Tensor.allocate(DType.FLOAT32, 1, INPUTS + 1);
  }

  private static List<Long> numbers(List<ModelServer.Infer> taken) {
    return taken.stream().map(message -> message.request().sequence()).toList();
  }
}

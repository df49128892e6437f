package io.acclimate.actors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.FrozenModel;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.settings.SettingsException;
import io.acclimate.runtime.testing.TinyModels;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AdaptiveRuntimeTest {
  @TempDir Path folder;
  private FrozenModel model;
  private AdaptiveRuntime runtime;

  @BeforeEach
  void start() throws IOException {
    model =
        FrozenModel.open(
            TinyModels.linear(folder.resolve("tiny.onnx"), 3, 3, TinyModels.identity(3)));
    runtime =
        AdaptiveRuntime.start(
            model,
            RuntimeSettings.of(ConfigFactory.parseString("stream-capacity = 4, capacity = 6")));
  }

  @AfterEach
  void stop() {
    TroubleProvider.gate.countDown();
    runtime.close();
    model.close();
  }

  @Test
  void frozenGivesTheModelsOwnAnswerAndSaysWhoMadeIt() {
    Prediction prediction = predict(runtime.stream("a", "frozen"), 0, 2, 1, 5, 0, 0);
    assertArrayEquals(new int[] {1, 0}, prediction.labels());
    double e = Math.exp(2) / (1 + Math.exp(2) + Math.exp(1));
    assertEquals(e, prediction.probabilities()[1], 1e-6);
    assertEquals(model.sha256(), prediction.modelSha256());
    assertEquals("frozen", prediction.method());
    assertTrue(prediction.fallback().isEmpty());
    assertTrue(prediction.timings().totalNanos() >= prediction.timings().inferenceNanos());
  }

  @Test
  void eachStreamHasStateOfItsOwnAndAnswersInOrder() {
    AdaptiveStream a = runtime.stream("a", "trouble");
    AdaptiveStream b = runtime.stream("b", "trouble");
    for (int i = 1; i <= 5; i++) {
      assertEquals(i / 100f, predict(a, 1, 1, 1).probabilities()[0]);
    }
    assertEquals(0.01f, predict(b, 1, 1, 1).probabilities()[0]);
    List<CompletableFuture<Prediction>> answers = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      answers.add(a.adapt(Tensor.ofFloats(new float[] {1, 1, 1}, 1, 3)).toCompletableFuture());
    }
    for (int i = 0; i < 4; i++) {
      assertEquals(5 + i, answers.get(i).join().sequence());
      assertEquals((6 + i) / 100f, answers.get(i).join().probabilities()[0]);
    }
  }

  @Test
  void resetIsAsNew() {
    AdaptiveStream stream = runtime.stream("a", "trouble");
    predict(stream, 1, 1, 1);
    predict(stream, 1, 1, 1);
    stream.reset();
    assertEquals(0.01f, predict(stream, 1, 1, 1).probabilities()[0]);
    assertEquals(1, stream.stats().counts().resets());
  }

  /** A method that throws is answered with the frozen output, made new, and counted. */
  @Test
  void failingMethodFallsBackAndStartsAnewWithoutTouchingOthers() {
    AdaptiveStream bad = runtime.stream("bad", "trouble");
    AdaptiveStream good = runtime.stream("good", "trouble");
    predict(bad, 1, 1, 1);
    predict(good, 1, 1, 1);
    Prediction fallback = predict(bad, TroubleProvider.THROW, 1, 1);
    assertEquals(1f, fallback.probabilities()[0], 1e-6);
    assertTrue(fallback.fallback().orElseThrow().contains("told to throw"));
    assertEquals(0.01f, predict(bad, 1, 1, 1).probabilities()[0], "state is new");
    assertEquals(0.02f, predict(good, 1, 1, 1).probabilities()[0], "others go on");
    assertEquals(1, bad.stats().counts().fallbacks());
    assertEquals(1, bad.stats().counts().resets());
    assertEquals(0, good.stats().counts().fallbacks());
  }

  @Test
  void answersThatAreNoProbabilitiesFallBack() {
    AdaptiveStream stream = runtime.stream("a", "trouble");
    Prediction fallback = predict(stream, TroubleProvider.ANSWER_NAN, 1, 1);
    assertTrue(fallback.fallback().orElseThrow().contains("NaN"));
    assertEquals(1f, fallback.probabilities()[0], 1e-6);
  }

  /** Without probabilities of the model's own there is nothing to fall back to. */
  @Test
  void modelThatAnswersNaNFailsTheBatchWithTheReason() throws IOException {
    Path file = TinyModels.linear(folder.resolve("huge.onnx"), 1, 2, new float[] {10, 10});
    try (FrozenModel huge = FrozenModel.open(file);
        AdaptiveRuntime second = AdaptiveRuntime.start(huge)) {
      AdaptiveStream stream = second.stream("a", "lame");
      Tensor batch = Tensor.ofFloats(new float[] {Float.MAX_VALUE}, 1, 1);
      AcclimateException error =
          assertThrows(
              AcclimateException.class, () -> join(stream.predict(batch).toCompletableFuture()));
      assertTrue(error.getMessage().contains("huge.onnx answered: prob"), error.getMessage());
      assertEquals(1, stream.stats().counts().failed());
      assertEquals(0, stream.stats().counts().resets());
      Tensor good = Tensor.ofFloats(new float[] {1}, 1, 1);
      assertEquals(0, join(stream.predict(good).toCompletableFuture()).labels()[0]);
    }
  }

  @Test
  void moreBatchesThanFitAreRejectedWithTheReasonAndTheRestIsAnswered() {
    TroubleProvider.gate = new CountDownLatch(1);
    AdaptiveStream a = runtime.stream("a", "trouble");
    AdaptiveStream b = runtime.stream("b", "trouble");
    List<CompletableFuture<Prediction>> accepted = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      accepted.add(waiting(a));
    }
    OverCapacityException full = assertThrows(OverCapacityException.class, () -> join(waiting(a)));
    assertTrue(full.getMessage().contains("stream a: 4 batches"), full.getMessage());
    accepted.add(waiting(b));
    accepted.add(waiting(b));
    full = assertThrows(OverCapacityException.class, () -> join(waiting(b)));
    assertTrue(full.getMessage().contains("6 batches"), full.getMessage());
    TroubleProvider.gate.countDown();
    accepted.forEach(CompletableFuture::join);
    assertEquals(1, a.stats().counts().rejected());
    assertEquals(4, a.stats().counts().batches());
    join(waiting(a));
  }

  private static CompletableFuture<Prediction> waiting(AdaptiveStream stream) {
    Tensor batch = Tensor.ofFloats(new float[] {TroubleProvider.WAIT, 1, 1}, 1, 3);
    return stream.adapt(batch).toCompletableFuture();
  }

  @Test
  void badInputIsRefusedAndTheStreamGoesOn() {
    AdaptiveStream stream = runtime.stream("a", "lame");
    assertRefused("expected a batch [batch, 3], found FLOAT32[1, 4]", stream, new float[4], 1, 4);
    assertRefused("batch is empty", stream, new float[0], 0, 3);
    assertRefused(
        "NaN in sample 1 at position 2", stream, new float[] {0, 0, 0, 0, 0, Float.NaN}, 2, 3);
    assertRefused(
        "Infinity in sample 0", stream, new float[] {Float.POSITIVE_INFINITY, 0, 0}, 1, 3);
    AcclimateException error =
        assertThrows(
            AcclimateException.class,
            () -> join(stream.adapt(Tensor.allocate(DType.INT64, 1, 3)).toCompletableFuture()));
    assertTrue(error.getMessage().contains("INT64"), error.getMessage());
    error =
        assertThrows(
            AcclimateException.class,
            () ->
                join(
                    stream
                        .adaptLabelled(Tensor.allocate(DType.FLOAT32, 2, 3), new int[1])
                        .toCompletableFuture()));
    assertTrue(error.getMessage().contains("expected 2 labels, found 1"), error.getMessage());
    assertEquals(6, stream.stats().counts().failed());
    assertEquals(2, predict(stream, 0, 0, 3).labels()[0]);
  }

  private static void assertRefused(
      String words, AdaptiveStream stream, float[] values, long... shape) {
    AcclimateException error =
        assertThrows(
            AcclimateException.class,
            () -> join(stream.adapt(Tensor.ofFloats(values, shape)).toCompletableFuture()));
    assertTrue(error.getMessage().contains(words), error.getMessage());
  }

  @Test
  void onlyTheOracleSeesLabels() {
    AdaptiveStream oracle = runtime.stream("o", "oracle");
    Tensor batch = Tensor.ofFloats(new float[] {5, 0, 0, 0, 1, 0}, 2, 3);
    Prediction told = join(oracle.adaptLabelled(batch, new int[] {0, 0}).toCompletableFuture());
    assertArrayEquals(new int[] {0, 0}, told.labels());
    assertArrayEquals(new int[] {0, 1}, told.frozenLabels());
    Prediction untold = join(oracle.adapt(batch).toCompletableFuture());
    assertTrue(untold.fallback().orElseThrow().contains("no labels"));
  }

  @Test
  void mistakesInOpeningAStreamAreNamed() throws IOException {
    AcclimateException error =
        assertThrows(AcclimateException.class, () -> runtime.stream("a", "lane"));
    assertTrue(error.getMessage().contains("did you mean 'lame'"), error.getMessage());
    assertThrows(
        SettingsException.class,
        () -> runtime.stream("a", "lame", ConfigFactory.parseString("knn = none")));
    runtime.stream("a", "frozen");
    error = assertThrows(AcclimateException.class, () -> runtime.stream("a", "frozen"));
    assertTrue(error.getMessage().contains("open already"), error.getMessage());
    Path other =
        TinyModels.write(folder.resolve("bare.onnx"), 3, 3, TinyModels.identity(3), "hidden");
    try (FrozenModel bare = FrozenModel.open(other);
        AdaptiveRuntime second = AdaptiveRuntime.start(bare)) {
      error = assertThrows(AcclimateException.class, () -> second.stream("b", "lame"));
      assertTrue(error.getMessage().contains("'features'"), error.getMessage());
      assertEquals(1, predict(second.stream("c", "frozen"), 0, 1, 0).labels()[0]);
    }
  }

  @Test
  void modelWithoutLogitsIsRefused() {
    RuntimeSettings settings =
        RuntimeSettings.of(ConfigFactory.parseString("outputs.logits = scores"));
    AcclimateException error =
        assertThrows(AcclimateException.class, () -> AdaptiveRuntime.start(model, settings));
    assertTrue(error.getMessage().contains("'scores'"), error.getMessage());
  }

  @Test
  void closeAnswersWhatIsUnderWayAndRefusesTheRest() {
    AdaptiveStream stream = runtime.stream("a", "trouble");
    List<CompletableFuture<Prediction>> answers = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      answers.add(stream.adapt(Tensor.ofFloats(new float[] {1, 1, 1}, 1, 3)).toCompletableFuture());
    }
    runtime.close();
    runtime.close();
    answers.forEach(answer -> assertFalse(answer.isCompletedExceptionally()));
    assertThrows(IllegalStateException.class, () -> predict(stream, 1, 1, 1));
    assertThrows(IllegalStateException.class, () -> runtime.stream("b", "frozen"));
  }

  @Test
  void closedStreamAnswersWhatIsUnderWayAndFreesItsId() {
    AdaptiveStream stream = runtime.stream("a", "trouble");
    CompletableFuture<Prediction> last =
        stream.adapt(Tensor.ofFloats(new float[] {1, 1, 1}, 1, 3)).toCompletableFuture();
    runtime.closeStream("a");
    assertEquals(0.01f, last.join().probabilities()[0]);
    assertThrows(IllegalStateException.class, () -> predict(stream, 1, 1, 1));
    assertEquals(0.01f, predict(runtime.stream("a", "trouble"), 1, 1, 1).probabilities()[0]);
  }

  @Test
  void closedModelFailsTheBatchAndNothingElse() {
    AdaptiveStream stream = runtime.stream("a", "frozen");
    model.close();
    IllegalStateException error =
        assertThrows(IllegalStateException.class, () -> predict(stream, 1, 1, 1));
    assertTrue(error.getMessage().contains("is closed"), error.getMessage());
    assertThrows(IllegalStateException.class, () -> predict(stream, 1, 1, 1));
    assertEquals(2, stream.stats().counts().failed());
    assertEquals(0, stream.stats().counts().quarantined());
  }

  private static Prediction predict(AdaptiveStream stream, float... values) {
    Tensor batch = Tensor.ofFloats(values, values.length / 3, 3);
    return join(stream.adapt(batch).toCompletableFuture());
  }

  private static <T> T join(CompletableFuture<T> future) {
    try {
      return future.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw e;
    }
  }
}

package io.acclimate.actors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.FrozenModel;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.testing.TinyModels;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Feedback, freezing, snapshots and what can be watched of a stream. */
class StreamControlTest {
  @TempDir Path folder;
  private FrozenModel model;
  private AdaptiveRuntime runtime;
  private AdaptiveStream stream;

  @BeforeEach
  void start() throws IOException {
    model =
        FrozenModel.open(
            TinyModels.linear(folder.resolve("tiny.onnx"), 3, 3, TinyModels.identity(3)));
    runtime =
        AdaptiveRuntime.start(
            model, RuntimeSettings.of(ConfigFactory.parseString("feedback-predictions = 4")));
    stream = runtime.stream("cam/era", "trouble");
  }

  @AfterEach
  void stop() {
    TroubleProvider.gate.countDown();
    runtime.close();
    model.close();
  }

  /** Late, out of order, in parts, twice, for nothing at all: each has an answer of its own. */
  @Test
  void feedbackIsTakenOnceAndInAnyOrder() {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      ids.add(adapt(stream, 1, 1, 1, 5, 0, 0).predictionId());
    }
    assertEquals("cam/era/5", ids.get(5));
    assertEquals(FeedbackOutcome.ACCEPTED, join(stream.feedback(ids.get(4), new int[] {1, 1})));
    assertEquals(FeedbackOutcome.ACCEPTED, join(stream.feedback(ids.get(2), new int[] {-1, 0})));
    assertEquals(FeedbackOutcome.DUPLICATE, join(stream.feedback(ids.get(2), 1, 2)));
    assertEquals(FeedbackOutcome.ACCEPTED, join(stream.feedback(ids.get(2), 0, 0)));
    assertEquals(FeedbackOutcome.DUPLICATE, join(stream.feedback(ids.get(4), new int[] {1, 1})));
    assertEquals(FeedbackOutcome.EXPIRED, join(stream.feedback(ids.get(1), new int[] {0, 0})));
    assertEquals(FeedbackOutcome.UNKNOWN, join(stream.feedback("cam/era/6", 0, 0)));
    assertEquals(FeedbackOutcome.UNKNOWN, join(stream.feedback("other/5", 0, 0)));
    assertEquals(
        FeedbackOutcome.UNKNOWN, join(stream.feedback("cam/era/99999999999999999999", 0, 0)));
    FeedbackStats stats = stream.stats().feedback();
    assertEquals(new FeedbackStats(3, 2, 3, 1, 4, 2, 2), stats);
    assertEquals(0.5, stats.accuracy().orElseThrow());
    assertEquals(0.5, stats.frozenAccuracy().orElseThrow());
    assertEquals(0.5, stream.stats().recent().accuracy().orElseThrow(), 1e-2);
  }

  @Test
  void feedbackThatDoesNotFitIsRefused() {
    String id = adapt(stream, 1, 1, 1).predictionId();
    assertRefused("expected labels from 0 to 2", stream.feedback(id, new int[] {3}));
    assertRefused("expected 1 labels, found 2", stream.feedback(id, new int[] {0, 0}));
    assertRefused("expected a row from 0 to 0, found 1", stream.feedback(id, 1, 0));
    assertRefused("expected a row from 0, found -1", stream.feedback(id, -1, 0));
    assertEquals(FeedbackOutcome.ACCEPTED, join(stream.feedback(id, new int[] {1})));
  }

  /** A batch that ended with an error has no prediction to give labels for. */
  @Test
  void failedBatchTakesNoFeedback() {
    adapt(stream, 1, 1, 1);
    model.close();
    assertThrows(IllegalStateException.class, () -> adapt(stream, 1, 1, 1));
    assertEquals(FeedbackOutcome.UNKNOWN, join(stream.feedback("cam/era/1", 0, 0)));
    assertTrue(stream.stats().lastError().orElseThrow().contains("is closed"));
  }

  @Test
  void frozenStreamAnswersAndLearnsNothing() {
    adapt(stream, 1, 1, 1);
    join(stream.freeze());
    byte[] before = join(stream.snapshot());
    join(stream.freeze());
    assertTrue(stream.stats().frozen());
    assertEquals(0.01f, adapt(stream, 1, 1, 1).probabilities()[0]);
    join(stream.beginDomain());
    assertArrayEquals(before, join(stream.snapshot()));
    assertEquals(1, stream.stats().counts().learned());
    join(stream.unfreeze());
    join(stream.unfreeze());
    assertFalse(stream.stats().frozen());
    assertEquals(0.02f, adapt(stream, 1, 1, 1).probabilities()[0]);
  }

  @Test
  void aDomainThatWasRefusedHasNotBegun() {
    join(stream.beginDomain());
    runtime.closeStream("cam/era");
    assertThrows(IllegalStateException.class, () -> join(stream.beginDomain()));
    assertEquals(1, stream.domainsBegun());
  }

  @Test
  void restoredStreamGoesOnFromTheSnapshot() {
    adapt(stream, 1, 1, 1);
    byte[] one = join(stream.snapshot());
    adapt(stream, 1, 1, 1);
    join(stream.restore(one));
    join(stream.restore(one));
    Prediction next = adapt(stream, 1, 1, 1);
    assertEquals(0.02f, next.probabilities()[0]);
    assertEquals(2, next.sequence());
    AdaptiveStream other = runtime.stream("other", "trouble");
    join(other.restore(one));
    assertEquals(0.02f, adapt(other, 1, 1, 1).probabilities()[0]);
  }

  @Test
  void snapshotThatDoesNotFitIsRefusedAndNothingChanges() {
    adapt(stream, 1, 1, 1);
    byte[] snapshot = join(stream.snapshot());
    byte[] damaged = snapshot.clone();
    damaged[damaged.length - 1] ^= 1;
    assertRefused("damaged", stream.restore(damaged));
    AdaptiveStream lame = runtime.stream("lame", "lame");
    assertRefused("expected method lame, found trouble", lame.restore(snapshot));
    assertArrayEquals(snapshot, join(stream.snapshot()));
  }

  @Test
  void statsTellHowTheStreamStands() {
    adapt(stream, 5, 0, 0, 5, 0, 0);
    join(stream.reset());
    adapt(stream, 5, 0, 0);
    StreamStats stats = stream.stats();
    assertEquals(Map.of("caller", 1L), stats.resets());
    assertEquals(1, stats.counts().resets());
    assertEquals(2, stats.latency().count());
    assertTrue(stats.latency().p99Micros() <= stats.latency().maxMicros());
    assertEquals(1, stats.recent().disagreement(), 1e-9, "frozen says 0, the method 1");
    assertEquals(0.99, stats.recent().labelDistribution()[1], 1e-6);
    double entropy = -0.01 * Math.log(0.01) - 0.99 * Math.log(0.99);
    assertEquals(entropy, stats.recent().meanEntropy(), 1e-6);
    assertEquals(List.of(stream), runtime.streams());
  }

  @Test
  void listenersHearWhatHappensAndCannotDisturb() {
    Recorded heard = new Recorded();
    runtime.addListener(
        new RuntimeListener() {
          @Override
          public void predicted(Prediction prediction, boolean learned) {
            throw new IllegalStateException("a bad listener");
          }
        });
    runtime.addListener(heard);
    AdaptiveStream second = runtime.stream("b", "trouble");
    adapt(second, 1, 1, 1);
    join(second.predict(Tensor.ofFloats(new float[3], 1, 3)));
    join(second.freeze());
    join(second.reset());
    join(second.reset("another adapter serves"));
    join(second.feedback("b/0", 0, 0));
    adapt(second, TroubleProvider.THROW, 1, 1);
    join(second.unfreeze());
    adapt(second, TroubleProvider.THROW, 1, 1);
    join(second.snapshot());
    runtime.removeListener(heard);
    adapt(second, 1, 1, 1);
    assertEquals(
        List.of(
            "opened b",
            "predicted 0 true",
            "predicted 1 false",
            "frozen true",
            "reset asked for",
            "reset another adapter serves",
            "feedback b/0 ACCEPTED",
            "predicted 2 false",
            "frozen false",
            "predicted 3 true",
            "quarantined 3"),
        heard.events);
    assertEquals(1, second.quarantined().size());
    assertTrue(second.quarantined().get(0).reason().contains("told to throw"));
  }

  /** Commands share the agent's mailbox with the batches, so there must not be too many. */
  @Test
  void tooManyCommandsAreRejected() throws InterruptedException {
    TroubleProvider.gate = new CountDownLatch(1);
    TroubleProvider.arrived = new CountDownLatch(1);
    stream.adapt(Tensor.ofFloats(new float[] {TroubleProvider.WAIT, 1, 1}, 1, 3));
    TroubleProvider.arrived.await();
    List<CompletionStage<Void>> resets = new ArrayList<>();
    for (int i = 0; i < StreamIntake.MAX_COMMANDS; i++) {
      resets.add(stream.reset());
    }
    assertThrows(OverCapacityException.class, () -> join(stream.reset()));
    TroubleProvider.gate.countDown();
    resets.forEach(StreamControlTest::join);
    join(stream.reset());
  }

  /** What a caller does with the stage it got does not free its place in the queue. */
  @Test
  void cancellingAnAnswerFreesNothing() {
    TroubleProvider.gate = new CountDownLatch(1);
    Tensor waiting = Tensor.ofFloats(new float[] {TroubleProvider.WAIT, 1, 1}, 1, 3);
    for (int i = 0; i < 8; i++) {
      stream.adapt(waiting).toCompletableFuture().cancel(true);
    }
    assertThrows(OverCapacityException.class, () -> join(stream.adapt(waiting)));
  }

  private static final class Recorded implements RuntimeListener {
    private final List<String> events = new CopyOnWriteArrayList<>();

    @Override
    public void opened(AdaptiveStream opened) {
      events.add("opened " + opened.id());
    }

    @Override
    public void predicted(Prediction prediction, boolean learned) {
      events.add("predicted " + prediction.sequence() + " " + learned);
    }

    @Override
    public void frozen(String id, boolean frozen) {
      events.add("frozen " + frozen);
    }

    @Override
    public void reset(String id, String reason) {
      events.add("reset " + reason);
    }

    @Override
    public void feedback(String id, String predictionId, FeedbackOutcome outcome) {
      events.add("feedback " + predictionId + " " + outcome);
    }

    @Override
    public void quarantined(QuarantinedBatch batch) {
      events.add("quarantined " + batch.sequence());
    }
  }

  private static void assertRefused(String words, CompletionStage<?> stage) {
    AcclimateException error = assertThrows(AcclimateException.class, () -> join(stage));
    assertTrue(error.getMessage().contains(words), error.getMessage());
  }

  private static Prediction adapt(AdaptiveStream stream, float... values) {
    return join(stream.adapt(Tensor.ofFloats(values, values.length / 3, 3)));
  }

  private static <T> T join(CompletionStage<T> stage) {
    CompletableFuture<T> future = stage.toCompletableFuture();
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

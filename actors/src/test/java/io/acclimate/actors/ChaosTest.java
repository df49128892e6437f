package io.acclimate.actors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import io.acclimate.replay.codec.JournalRecord;
import io.acclimate.replay.event.AdaptationStep;
import io.acclimate.replay.event.FeedbackReceived;
import io.acclimate.replay.journal.ChronicleJournal;
import io.acclimate.replay.journal.Journal;
import io.acclimate.replay.journal.JournalReader;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What goes wrong in one place stays there, and what was acknowledged is not lost. */
class ChaosTest {
  @TempDir Path folder;
  private TinyRuntimes tiny;

  @BeforeEach
  void open() throws IOException {
    tiny = new TinyRuntimes(folder);
  }

  @AfterEach
  void close() {
    tiny.close();
  }

  private static Tensor batch(float first) {
    return Tensor.ofFloats(new float[] {first, 1, 1}, 1, 3);
  }

  private static Prediction adapt(AdaptiveStream stream, float first) {
    return stream.adapt(batch(first)).toCompletableFuture().join();
  }

  /** Ten times as much as fits: what was taken in is answered in order, the rest is told so. */
  @Test
  void overloadIsRejectedAndNothingThatWasTakenInIsLost() throws InterruptedException {
    int clients = 4;
    int each = 500;
    RuntimeSettings settings =
        RuntimeSettings.of(ConfigFactory.parseString("stream-capacity = 4, capacity = 12"));
    Map<String, ConcurrentLinkedQueue<CompletableFuture<Prediction>>> taken = new HashMap<>();
    List<Thread> threads = new ArrayList<>();
    TroubleProvider.gate = new CountDownLatch(1); // until one batch is too much
    long rejected;
    try (AdaptiveRuntime runtime = AdaptiveRuntime.start(tiny.model, settings)) {
      for (int c = 0; c < clients; c++) {
        AdaptiveStream stream = runtime.stream("s" + c, "trouble");
        ConcurrentLinkedQueue<CompletableFuture<Prediction>> answers =
            new ConcurrentLinkedQueue<>();
        taken.put(stream.id(), answers);
        Thread client =
            new Thread(
                () -> {
                  for (int i = 0; i < each; i++) {
                    CompletableFuture<Prediction> answer =
                        stream
                            .adapt(batch(i == 0 ? TroubleProvider.WAIT : 1))
                            .toCompletableFuture();
                    answers.add(answer);
                    if (answer.isCompletedExceptionally()) {
                      TroubleProvider.gate.countDown();
                    }
                  }
                });
        client.start();
        threads.add(client);
      }
      for (Thread thread : threads) {
        thread.join();
      }
      rejected = runtime.streams().stream().mapToLong(s -> s.stats().counts().rejected()).sum();
      long refused = 0;
      for (ConcurrentLinkedQueue<CompletableFuture<Prediction>> answers : taken.values()) {
        long expected = 0;
        for (CompletableFuture<Prediction> answer : answers) {
          try {
            assertEquals(expected++, answer.join().sequence());
          } catch (CompletionException e) {
            assertInstanceOf(OverCapacityException.class, e.getCause());
            expected--;
            refused++;
          }
        }
      }
      assertTrue(refused > 0, "nothing was too much");
      assertEquals(refused, rejected);
      for (AdaptiveStream stream : runtime.streams()) {
        assertEquals(each, stream.stats().counts().batches() + stream.stats().counts().rejected());
        adapt(stream, 1);
      }
    }
  }

  /** Labels that were acknowledged stand in the journal. */
  @Test
  void acknowledgedFeedbackIsInTheJournal() {
    RuntimeJournal journal = tiny.journal("");
    try (AdaptiveRuntime runtime = tiny.start(journal)) {
      AdaptiveStream stream = runtime.stream("a", "trouble");
      String id = adapt(stream, 1).predictionId();
      assertEquals(
          FeedbackOutcome.ACCEPTED,
          stream.feedback(id, new int[] {2}).toCompletableFuture().join());
      List<int[]> found = new ArrayList<>();
      try (JournalReader reader = journal.view().reader(0)) {
        for (Optional<JournalRecord> next = reader.next(); next.isPresent(); next = reader.next()) {
          if (next.get().event() instanceof FeedbackReceived feedback) {
            found.add(feedback.labels());
          }
        }
      }
      assertEquals(1, found.size());
      assertArrayEquals(new int[] {2}, found.get(0));
    }
  }

  /** A journal that takes nothing more: no batch and no labels are taken in any more. */
  @Test
  void brokenJournalAcknowledgesNothing() {
    RuntimeJournal journal = tiny.journal("");
    AdaptiveRuntime runtime = tiny.start(journal);
    AdaptiveStream stream = runtime.stream("a", "trouble");
    String id = adapt(stream, 1).predictionId();
    stream.freeze().toCompletableFuture().join();
    journal.journal().close();
    CompletionException error =
        assertThrows(
            CompletionException.class,
            () -> stream.feedback(id, new int[] {2}).toCompletableFuture().join());
    assertTrue(error.getCause().getCause().getMessage().contains("closed"), error.getMessage());
    error = assertThrows(CompletionException.class, () -> adapt(stream, 1));
    assertTrue(error.getMessage().contains("takes no more events"), error.getMessage());
    assertInstanceOf(IllegalStateException.class, error.getCause());
    AcclimateException unsaved = assertThrows(AcclimateException.class, runtime::close);
    assertTrue(unsaved.getMessage().contains("is not on the disk"), unsaved.getMessage());
  }

  /** One state that cannot be saved is reported; those of the others are in the closed journal. */
  @Test
  void aStateThatCannotBeSavedKeepsNothingOpen() {
    AdaptiveRuntime runtime = tiny.start();
    adapt(runtime.stream("a", "trouble"), TroubleProvider.UNSAVABLE);
    adapt(runtime.stream("b", "trouble"), 1);
    adapt(runtime.stream("c", "trouble"), TroubleProvider.UNSAVABLE);
    AcclimateException error = assertThrows(AcclimateException.class, runtime::close);
    assertTrue(error.getMessage().contains("stream a"), error.getMessage());
    assertTrue(error.getMessage().contains("told not to be saved"), error.getMessage());
    assertEquals(1, error.getSuppressed().length);
    assertTrue(error.getSuppressed()[0].getMessage().contains("stream c"));
    List<String> saved = new ArrayList<>();
    try (Journal again = ChronicleJournal.open(tiny.place, TinyRuntimes.settings(""));
        JournalReader reader = again.reader(0)) {
      for (Optional<JournalRecord> next = reader.next(); next.isPresent(); next = reader.next()) {
        if (next.get().event() instanceof AdaptationStep step && step.step() == 1) {
          saved.add(step.stream());
        }
      }
    }
    assertEquals(List.of("b"), saved);
  }

  /** Whoever closes a runtime may have been interrupted: the journal is closed all the same. */
  @Test
  void anInterruptedCallerClosesTheJournalTooAndStaysInterrupted() {
    AdaptiveRuntime runtime = tiny.start();
    adapt(runtime.stream("a", "trouble"), 1);
    Thread.currentThread().interrupt();
    runtime.close();
    assertTrue(Thread.interrupted());
    RuntimeJournal again = tiny.journal("");
    assertEquals(1, again.state().states().get(0).nextBatch());
    again.abandon();
  }

  /** An agent that fails on every batch is not started anew for ever; its calls do not hang. */
  @Test
  void aStreamThatFailsAgainAndAgainIsStopped() {
    RuntimeSettings settings = RuntimeSettings.of(ConfigFactory.parseString("restarts = 2"));
    int open = TroubleProvider.OPEN.get();
    try (AdaptiveRuntime runtime =
        AdaptiveRuntime.start(tiny.model, settings, tiny.journal("snapshot-batches = 1"))) {
      AdaptiveStream bad = runtime.stream("bad", "trouble");
      AdaptiveStream good = runtime.stream("good", "trouble");
      adapt(bad, TroubleProvider.UNSAVABLE);
      adapt(bad, TroubleProvider.UNSAVABLE);
      adapt(bad, 1);
      List<CompletableFuture<Prediction>> answers = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        answers.add(bad.adapt(batch(TroubleProvider.UNSAVABLE)).toCompletableFuture());
      }
      answers.subList(0, 3).forEach(CompletableFuture::join);
      for (CompletableFuture<Prediction> answer : answers.subList(3, 6)) {
        requireStopped(assertThrows(CompletionException.class, answer::join));
      }
      requireStopped(assertThrows(CompletionException.class, () -> adapt(bad, 1)));
      requireStopped(
          assertThrows(
              CompletionException.class, () -> bad.snapshot().toCompletableFuture().join()));
      bad.passivateWhenIdle(0);
      assertEquals(4, bad.stats().counts().failed());
      assertEquals(0.01f, adapt(good, 1).probabilities()[0]);
      assertEquals(open + 1, TroubleProvider.OPEN.get());
      runtime.closeStream("bad");
      assertEquals(0.01f, adapt(runtime.stream("bad", "trouble"), 1).probabilities()[0]);
    }
    assertEquals(open, TroubleProvider.OPEN.get());
  }

  /** Errors that are no exceptions, as of a stack that overflows, do not end a stream. */
  @Test
  void whatIsNoExceptionIsSurvivedToo() {
    try (AdaptiveRuntime runtime = AdaptiveRuntime.start(tiny.model)) {
      runtime.addListener(
          new RuntimeListener() {
            @Override
            public void predicted(Prediction prediction, boolean learned) {
              throw new AssertionError("told to throw");
            }

            @Override
            public void inferred(int requests, int rows, int filling, long nanos) {
              throw new AssertionError("told to throw");
            }
          });
      AdaptiveStream stream = runtime.stream("a", "trouble");
      adapt(stream, 1);
      Prediction answer = adapt(stream, TroubleProvider.OVERFLOW);
      assertTrue(answer.fallback().orElse("").contains("told to overflow"), answer.toString());
      assertEquals(0.01f, adapt(stream, 1).probabilities()[0], "from the last good state");
      assertEquals(1, stream.stats().counts().quarantined(), "counted after its answer");
    }
  }

  private static void requireStopped(CompletionException error) {
    assertInstanceOf(IllegalStateException.class, error.getCause());
    String message = error.getCause().getMessage();
    assertTrue(message.contains("stream bad was stopped"), message);
    assertTrue(message.contains("2 times in a row (runtime.restarts)"), message);
    assertTrue(message.contains("told not to be saved"), message);
  }

  /** What was frozen, restored, failed and learned comes back from the journal to the bit. */
  @Test
  void commandsAndFailuresAreReplayed() {
    byte[] last;
    try (AdaptiveRuntime runtime = tiny.start()) {
      AdaptiveStream stream = runtime.stream("a", "trouble");
      for (int i = 0; i < 3; i++) {
        adapt(stream, 1);
      }
      byte[] three = stream.snapshot().toCompletableFuture().join();
      adapt(stream, TroubleProvider.THROW);
      adapt(stream, 1);
      stream.restore(three).toCompletableFuture().join();
      adapt(stream, 1);
      stream.freeze().toCompletableFuture().join();
      adapt(stream, 1);
      last = stream.snapshot().toCompletableFuture().join();
    }
    RuntimeJournal again = tiny.journal("");
    RuntimeJournal.Replayed replayed =
        RuntimeJournal.rederive(again.view(), tiny.model, RuntimeSettings.defaults());
    assertEquals(again.recovery().stateHash(), replayed.report().stateHash());
    try (AdaptiveRuntime runtime = tiny.start(again)) {
      AdaptiveStream stream = runtime.stream("a", "trouble");
      assertTrue(stream.stats().frozen());
      assertEquals(7, stream.nextBatch());
      assertArrayEquals(last, stream.snapshot().toCompletableFuture().join());
      assertEquals(
          FeedbackOutcome.EXPIRED,
          stream.feedback("a/6", new int[] {0}).toCompletableFuture().join());
      assertEquals(0.04f, adapt(stream, 1).probabilities()[0]);
    }
  }
}

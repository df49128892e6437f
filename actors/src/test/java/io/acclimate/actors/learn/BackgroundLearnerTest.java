package io.acclimate.actors.learn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.acclimate.bank.AdapterRef;
import io.acclimate.continual.LabelledBatch;
import io.acclimate.runtime.AcclimateException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackgroundLearnerTest {
  @TempDir Path folder;

  private static void offer(BackgroundLearner learner, int task) {
    for (LabelledBatch batch : LearnerFixture.batches(task)) {
      learner.offer(batch.inputs(), batch.labels()).toCompletableFuture().join();
    }
    learner.endTask("task-" + task).toCompletableFuture().join();
  }

  @Test
  void learnsAndServesOnItsOwn() {
    LearnerFixture fixture = new LearnerFixture(folder, "cpu-share = 1");
    CompletableFuture<TaskDecision> decided = new CompletableFuture<>();
    LearnerListener listener =
        event -> {
          if (event instanceof LearnerEvent.Decided one) {
            decided.complete(one.decision());
            throw new AssertionError("a listener that fails disturbs nobody");
          }
        };
    try (BackgroundLearner learner =
        BackgroundLearner.start(fixture.parts().withListener(listener), fixture.settings())) {
      offer(learner, 0);
      TaskDecision decision = decided.join();
      assertEquals(TaskDecision.Verdict.PROMOTED, decision.verdict(), decision.reason());
      LearnerStatus status = learner.status().toCompletableFuture().join();
      assertEquals(Optional.of(new AdapterRef("learned", 1)), status.served());
      learner.feedback(new AdapterRef("learned", 1), new boolean[8]).toCompletableFuture().join();
      assertEquals(Optional.empty(), learner.status().toCompletableFuture().join().served());
    }
    assertEquals(2, fixture.bank.current().version());
  }

  @Test
  void closedInMidTaskItGoesOnLater() {
    LearnerFixture fixture = new LearnerFixture(folder, "cpu-share = 1");
    CompletableFuture<Void> begun = new CompletableFuture<>();
    LearnerParts first = fixture.parts().withListener(event -> stepped(event, begun));
    BackgroundLearner learner = BackgroundLearner.start(first, fixture.settings());
    offer(learner, 0);
    begun.join();
    learner.close();
    learner.close();
    assertThrows(CompletionException.class, () -> learner.status().toCompletableFuture().join());
    CompletableFuture<TaskDecision> decided = new CompletableFuture<>();
    try (BackgroundLearner second =
        BackgroundLearner.start(
            fixture
                .parts()
                .withListener(
                    event -> {
                      if (event instanceof LearnerEvent.Decided one) {
                        decided.complete(one.decision());
                      }
                    }),
            fixture.settings())) {
      if (second.status().toCompletableFuture().join().task() == 0) {
        assertEquals(TaskDecision.Verdict.PROMOTED, decided.join().verdict());
      }
    }
    assertEquals(1, fixture.bank.current().version());
  }

  private static void stepped(LearnerEvent event, CompletableFuture<Void> begun) {
    if (event instanceof LearnerEvent.Step) {
      begun.complete(null);
    }
  }

  /** While predictions are under way nothing is learned, but samples are taken in. */
  @Test
  void onlyWhenIdleMeansIt() {
    LearnerFixture fixture = new LearnerFixture(folder, "cpu-share = 1, only-when-idle = true");
    AtomicBoolean idle = new AtomicBoolean();
    CompletableFuture<Void> asked = new CompletableFuture<>();
    CompletableFuture<Void> begun = new CompletableFuture<>();
    try (BackgroundLearner learner =
        BackgroundLearner.start(
            fixture.parts().withListener(event -> stepped(event, begun)),
            fixture.settings(),
            () -> {
              asked.complete(null);
              return idle.get();
            })) {
      offer(learner, 0);
      asked.join();
      LearnerStatus status = learner.status().toCompletableFuture().join();
      assertEquals(32, status.waitingSamples());
      assertEquals(0, status.steps());
      assertTrue(!begun.isDone());
      idle.set(true);
      begun.join();
    }
  }

  @Test
  void badSamplesAreAnsweredWithTheReason() {
    LearnerFixture fixture = new LearnerFixture(folder, "");
    LabelledBatch good = LearnerFixture.batches(0).get(0);
    try (BackgroundLearner learner = BackgroundLearner.start(fixture.parts(), fixture.settings())) {
      CompletionException e =
          assertThrows(
              CompletionException.class,
              () ->
                  learner
                      .offer(Map.of("y", good.inputs().get("x")), good.labels())
                      .toCompletableFuture()
                      .join());
      assertInstanceOf(AcclimateException.class, e.getCause());
      assertThrows(
          CompletionException.class,
          () -> learner.offer(good.inputs(), new int[1]).toCompletableFuture().join());
    }
  }

  /** Two learners would overwrite each other's samples and states. */
  @Test
  void aFolderBelongsToOneLearnerAtATime() {
    LearnerFixture fixture = new LearnerFixture(folder, "");
    LearnerParts parts = fixture.parts();
    try (BackgroundLearner learner = BackgroundLearner.start(parts, fixture.settings())) {
      AcclimateException refused =
          assertThrows(
              AcclimateException.class, () -> BackgroundLearner.start(parts, fixture.settings()));
      assertEquals(
          "learner %s: expected to be its only writer, found process %d writing to it"
              .formatted(fixture.folder, ProcessHandle.current().pid()),
          refused.getMessage());
      assertEquals(0, learner.status().toCompletableFuture().join().task());
      LearnerParts elsewhere =
          new LearnerParts(
              parts.backbone(),
              parts.logits(),
              parts.modelSha256(),
              parts.bank(),
              folder.resolve("elsewhere"),
              LearnerListener.NONE);
      refused =
          assertThrows(
              AcclimateException.class,
              () -> BackgroundLearner.start(elsewhere, fixture.settings()));
      assertTrue(
          refused.getMessage().startsWith("learner-of-learned " + folder.resolve("bank")),
          refused.getMessage());
      BackgroundLearner.start(elsewhere, LearnerFixture.settings("adapter = other")).close();
      BackgroundLearner.start(elsewhere, LearnerFixture.settings("shadow = true")).close();
    }
    LearnerFixture joint = new LearnerFixture(folder, "method = joint");
    assertThrows(AcclimateException.class, () -> BackgroundLearner.start(parts, joint.settings()));
    BackgroundLearner.start(parts, fixture.settings()).close();
  }
}

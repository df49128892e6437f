package io.acclimate.actors.learn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.acclimate.bank.AdapterRef;
import io.acclimate.runtime.AcclimateException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What serves is taken back: by itself when live predictions fall, or when somebody says so. */
class LearnerRollbackTest {
  private static final AdapterRef FIRST = new AdapterRef("learned", 1);
  private static final AdapterRef SECOND = new AdapterRef("learned", 2);

  @TempDir Path folder;

  private static void learnTwo(LearnerCore core) {
    LearnerFixture.offer(core, 0);
    LearnerFixture.offer(core, 1);
    LearnerFixture.finish(core);
  }

  @Test
  void anAdapterWhoseLivePredictionsFallIsTakenBack() {
    LearnerFixture fixture = new LearnerFixture(folder, LearnerFixture.FORGETS);
    try (LearnerCore core = fixture.open()) {
      learnTwo(core);
      boolean[] wrong = new boolean[4];
      core.feedback(SECOND, wrong);
      core.feedback(FIRST, wrong);
      assertEquals(Optional.of(SECOND), core.status().served(), "too few, or of another version");
      core.feedback(SECOND, wrong);
      assertEquals(Optional.of(FIRST), core.status().served());
      assertEquals(3, fixture.bank.current().version());
      core.feedback(FIRST, new boolean[8]);
      assertEquals(Optional.empty(), core.status().served());
    }
    List<LearnerEvent.Served> served =
        fixture.events.stream()
            .filter(LearnerEvent.Served.class::isInstance)
            .map(LearnerEvent.Served.class::cast)
            .toList();
    assertEquals(
        List.of(
            Optional.empty(),
            Optional.of(FIRST),
            Optional.of(SECOND),
            Optional.of(FIRST),
            Optional.empty()),
        served.stream().map(LearnerEvent.Served::adapter).toList());
    assertEquals(
        List.of(
            LearnerEvent.Change.START,
            LearnerEvent.Change.PROMOTION,
            LearnerEvent.Change.PROMOTION,
            LearnerEvent.Change.REVERT,
            LearnerEvent.Change.REVERT),
        served.stream().map(LearnerEvent.Served::change).toList());
    assertTrue(served.get(3).reason().contains("revert.most-drop"));
    try (LearnerCore core = fixture.open()) {
      assertEquals(2, core.status().task());
      LearnerFixture.offer(core, 0);
      LearnerFixture.finish(core);
      assertEquals(Optional.of(new AdapterRef("learned", 5)), core.status().served());
    }
  }

  /** Back to the first adapter, to none, and on to the second, as versions of their own. */
  @Test
  void whatServedInAVersionServesAgain() {
    LearnerFixture fixture = new LearnerFixture(folder, LearnerFixture.FORGETS);
    try (LearnerCore core = fixture.open()) {
      learnTwo(core);
      LearnerFixture.offer(core, 2);
      core.step();
      core.step();
      assertEquals(1, core.status().step());
      core.rollback(1);
      assertEquals(Optional.of(FIRST), core.status().served());
      assertEquals(3, fixture.bank.current().version());
      assertEquals(0, core.status().step(), "the task under way is begun anew");
      assertEquals(2, core.status().task(), "tasks are numbered on");
      core.rollback(0);
      assertEquals(Optional.empty(), core.status().served());
      AcclimateException unknown = assertThrows(AcclimateException.class, () -> core.rollback(77));
      assertTrue(unknown.getMessage().contains("no version 77"), unknown.getMessage());
      core.rollback(2);
      assertEquals(Optional.of(SECOND), core.status().served());
      assertEquals(5, fixture.bank.current().version());
    }
    assertEquals(
        fixture.bank.view(2).states().get("learned-learner").sha256(),
        fixture.bank.current().states().get("learned-learner").sha256(),
        "the learner is what it was");
    LearnerEvent.Served last = (LearnerEvent.Served) fixture.events.get(fixture.events.size() - 1);
    assertEquals(LearnerEvent.Change.ROLLBACK, last.change());
    assertEquals(5, last.bankVersion());
    try (LearnerCore core = fixture.open()) {
      assertEquals(Optional.of(SECOND), core.status().served());
      LearnerFixture.finish(core);
      assertEquals(Optional.of(new AdapterRef("learned", 6)), core.status().served());
      assertEquals(List.of(SECOND), fixture.bank.current().card("learned").parents());
    }
  }

  @Test
  void inShadowModeThereIsNothingToRollBack() {
    LearnerFixture fixture = new LearnerFixture(folder, "shadow = true");
    try (LearnerCore core = fixture.open()) {
      assertThrows(AcclimateException.class, () -> core.rollback(0));
    }
    assertEquals(0, fixture.bank.current().version());
  }
}

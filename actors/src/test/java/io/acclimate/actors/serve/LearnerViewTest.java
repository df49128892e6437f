package io.acclimate.actors.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.acclimate.actors.learn.LearnerEvents;
import io.acclimate.actors.learn.PublishedVersion;
import io.acclimate.bank.AdapterRef;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class LearnerViewTest {
  private final LearnerView learner = new LearnerView();

  private List<String> timeline() {
    List<String> told = new ArrayList<>();
    for (Object entry : (List<?>) learner.view().orElseThrow().get("adapters")) {
      told.add(((Map<?, ?>) entry).get("kind") + ": " + ((Map<?, ?>) entry).get("subject"));
    }
    return told;
  }

  @Test
  void beforeTheFirstEventThereIsNothing() {
    assertEquals(Optional.empty(), learner.view());
  }

  @Test
  void theTimelineTellsWhatBecameOfAdapters() {
    LearnerEvents.promotion().forEach(learner::on);
    LearnerEvents.refusal().forEach(learner::on);
    learner.on(LearnerEvents.revert());
    assertEquals(
        List.of(
            "served: frozen model",
            "published: learned@1",
            "served: learned@1",
            "refused: task 1 tuesday",
            "taken back: learned@1",
            "served: frozen model"),
        timeline());
    Map<String, Object> view = learner.view().orElseThrow();
    assertEquals(2L, view.get("learned"));
    assertEquals(1.25, view.get("loss"));
    assertEquals("frozen model", view.get("serves"));
    assertNull(view.get("task"), "no task is being learned");
  }

  @Test
  void whatServesIsKnownBeforeTheFirstEvent() {
    learner.begin(
        new PublishedVersion(
            7,
            "task 6 learned",
            true,
            Optional.of(new AdapterRef("learned", 5)),
            Optional.of("tuesday"),
            OptionalDouble.of(0.9)));
    Map<String, Object> view = learner.view().orElseThrow();
    assertEquals("learned@5", view.get("serves"));
    assertEquals(7L, view.get("bank_version"));
    learner.on(LearnerEvents.rollback());
    assertEquals(List.of("taken back: learned@5", "served: learned@1"), timeline());
    assertEquals(8L, learner.view().orElseThrow().get("bank_version"));
  }

  @Test
  void aTaskUnderWayIsShownAndARefusedBatchIsCounted() {
    learner.on(LearnerEvents.divergence().get(0));
    Map<String, Object> view = learner.view().orElseThrow();
    assertEquals(2L, view.get("task"));
    assertEquals(1L, view.get("step"));
    assertEquals(2L, view.get("steps"));
    assertEquals(1L, view.get("refused"));
    assertNull(view.get("loss"), "a loss that is no number is not shown");
  }

  @Test
  void onlyTheLatestEntriesAreKept() {
    LearnerEvents.promotion().forEach(learner::on);
    for (int i = 0; i < 30; i++) {
      LearnerEvents.refusal().forEach(learner::on);
    }
    learner.on(LearnerEvents.revert());
    assertEquals(20, timeline().size());
    assertEquals("taken back: learned@1", timeline().get(18));
    assertEquals("served: frozen model", timeline().get(19));
  }
}

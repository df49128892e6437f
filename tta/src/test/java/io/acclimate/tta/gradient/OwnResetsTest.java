package io.acclimate.tta.gradient;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import io.acclimate.runtime.SeedTree;
import io.acclimate.tta.Adaptation;
import io.acclimate.tta.AdaptationEvent;
import io.acclimate.tta.AdaptationFactory;
import io.acclimate.tta.MethodContext;
import io.acclimate.tta.OutputBatch;
import io.acclimate.tta.testkit.Batches;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Methods that start anew by a rule of their own say so, and nothing leads back behind it. */
class OwnResetsTest {
  private static final int CLASSES = 5;
  private static final int FEATURES = 8;

  private static Adaptation create(String method, String settings) {
    return AdaptationFactory.of(method, ConfigFactory.parseString(settings))
        .create(
            new MethodContext(
                CLASSES,
                FEATURES,
                Optional.empty(),
                Optional.empty(),
                SeedTree.of(79),
                Optional.of(Networks.transformer(FEATURES, CLASSES)),
                Optional.empty(),
                Optional.empty()));
  }

  /** The number of each batch after which there was an event, with the event. */
  private static List<String> run(Adaptation adaptation, int batches) {
    List<String> events = new ArrayList<>();
    int[] sizes = new int[batches];
    Arrays.fill(sizes, 16);
    int number = 0;
    for (OutputBatch batch : Batches.stream(31, CLASSES, FEATURES, sizes)) {
      adaptation.step(batch, new double[batch.size() * CLASSES]);
      number++;
      for (AdaptationEvent event : adaptation.drainEvents()) {
        events.add(
            "%d: %s, %s: %s".formatted(number, event.kind(), event.subject(), event.reason()));
      }
    }
    return events;
  }

  @Test
  void rdumbTellsOfItsResets() {
    try (Adaptation rdumb = create("rdumb", "reset-after = 3, guard.disagreement = 1")) {
      assertEquals(
          List.of("3: RESET, method: 3 batches are over", "6: RESET, method: 3 batches are over"),
          run(rdumb, 7));
    }
  }

  /** A floor that every loss is below; under another method it is told as well. */
  @Test
  void sarTellsOfItsRecovery() {
    String sar = "entropy-margin = 0.9, recovery-floor = 1";
    try (Adaptation alone = create("sar", sar + ", guard.disagreement = 1");
        Adaptation below =
            create(
                "prior-correction",
                "guard.disagreement = 1, of { method = sar, settings { " + sar + " } }")) {
      List<String> events = run(alone, 2);
      assertEquals(2, events.size(), events.toString());
      assertTrue(events.get(0).startsWith("1: RESET, method: mean loss "), events.get(0));
      assertEquals(2, run(below, 2).size());
    }
  }

  /** An alarm after such a reset makes new: the snapshots from before it are gone. */
  @Test
  void snapshotsFromBeforeAreGone() {
    String settings = "reset-after = 3, guard { snapshot-batches = 2, disagreement = 1 }";
    try (Adaptation failed = create("rdumb", settings);
        Adaptation next = create("rdumb", settings)) {
      run(failed, 3);
      next.takeOver(failed, "failed");
      assertEquals(AdaptationEvent.Kind.RESET, next.drainEvents().get(0).kind());
    }
  }
}

package io.acclimate.actors.learn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.commons.io.file.PathUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A learner that is killed goes on as if nothing had happened. */
class LearnerRecoveryTest {
  @TempDir Path folder;

  private static Map<String, Tensor> uninterrupted(Path root) {
    LearnerFixture fixture = new LearnerFixture(root, LearnerFixture.FORGETS);
    try (LearnerCore core = fixture.open()) {
      LearnerFixture.offer(core, 0);
      LearnerFixture.offer(core, 1);
      LearnerFixture.finish(core);
    }
    return fixture.bank.current().load("learned").tensors();
  }

  private static void assertSame(Map<String, Tensor> expected, Map<String, Tensor> found) {
    assertEquals(expected.keySet(), found.keySet());
    expected.forEach((name, tensor) -> assertTrue(tensor.contentEquals(found.get(name)), name));
  }

  /** Killed after any number of steps, a learner ends with the same bits and publishes once. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 4, 23, 37, 38, 39, 60})
  void aKilledLearnerGoesOnWithTheSameNumbers(int steps) {
    Map<String, Tensor> expected = uninterrupted(folder.resolve("whole"));
    Path root = folder.resolve("killed");
    LearnerFixture first = new LearnerFixture(root, LearnerFixture.FORGETS);
    LearnerCore killed = first.open();
    LearnerFixture.offer(killed, 0);
    LearnerFixture.batches(1).forEach(killed.intake()::offer);
    for (int step = 0; step < steps; step++) {
      killed.step();
    }
    LearnerFixture second = new LearnerFixture(root, LearnerFixture.FORGETS);
    try (LearnerCore core = second.open()) {
      core.intake().endTask("task-1");
      LearnerFixture.finish(core);
      assertEquals(2, core.status().task());
    }
    assertEquals(2, second.bank.current().version());
    assertSame(expected, second.bank.current().load("learned").tensors());
  }

  /** The bank has the adapter, the folder does not know yet: it is not published a second time. */
  @Test
  void aKillRightAfterPublishingPublishesOnce() throws IOException {
    LearnerFixture fixture = new LearnerFixture(folder, LearnerFixture.FORGETS);
    Path before = folder.resolve("before");
    try (LearnerCore core = fixture.open()) {
      LearnerFixture.offer(core, 0);
      while (fixture.decisions().isEmpty()) {
        PathUtils.deleteDirectory(Files.createDirectories(before));
        PathUtils.copyDirectory(fixture.folder, before);
        core.step();
      }
    }
    assertEquals(1, fixture.bank.current().version());
    PathUtils.deleteDirectory(fixture.folder);
    PathUtils.copyDirectory(before, fixture.folder);
    try (LearnerCore core = fixture.open()) {
      assertEquals(1, core.status().task());
      assertEquals(0, core.status().waitingSamples());
      LearnerFixture.finish(core);
    }
    assertEquals(1, fixture.bank.current().version());
  }

  @Test
  void equalSeedsGiveEqualBits() {
    assertSame(uninterrupted(folder.resolve("a")), uninterrupted(folder.resolve("b")));
    assertArrayEquals(
        Samples.shuffled(new int[] {1, 2, 3}, SeedTree.of(1)),
        Samples.shuffled(new int[] {1, 2, 3}, SeedTree.of(1)));
  }
}

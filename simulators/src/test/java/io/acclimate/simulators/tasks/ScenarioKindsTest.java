package io.acclimate.simulators.tasks;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.simulators.tasks.ContinualReport.MethodResult;
import io.acclimate.simulators.tasks.ContinualReport.SeedResult;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every kind of scenario with class means on the features of a backbone that knows four classes.
 */
class ScenarioKindsTest {
  @TempDir private Path folder;

  private SeedResult run(int perClass, String... overrides) throws IOException {
    return TinyFashion.run(TinyFashion.load(folder, perClass, overrides)).runs().get(0);
  }

  private static MethodResult only(SeedResult run) {
    return run.methods().get(0);
  }

  @Test
  void toldTheTaskAPredictionIsRarelyWorse() throws IOException {
    MethodResult among = only(run(20));
    MethodResult told = only(run(20, "kind=task-incremental"));
    assertTrue(told.lastAccuracy() > among.lastAccuracy() + 0.1, "" + told.lastAccuracy());
    assertTrue(told.lastAccuracy() > 0.8, "two classes each: " + told.lastAccuracy());
    for (int task = 0; task < 5; task++) {
      assertTrue(told.accuracyMatrix()[4][task] >= among.accuracyMatrix()[4][task]);
    }
    assertEquals(0, told.forgetting(), "class means of other tasks cannot win");
  }

  @Test
  void domainsAreMeasuredBeforeTheyAreLearned() throws IOException {
    String domains = "domains=[clean, {rotate=20}, {permute=1}, {corruption=fog, severity=1}]";
    SeedResult run = run(12, "kind=domain-incremental", "tasks=null", domains);
    assertEquals(
        List.of("clean", "rotate 20", "permute 1", "fog 1"),
        run.tasks().stream().map(ContinualReport.TaskInfo::name).toList());
    MethodResult method = only(run);
    assertNotNull(method.forwardTransfer());
    assertTrue(method.forwardTransfer() > 0.1, "clean images teach of turned ones");
    assertEquals(4, method.accuracyMatrix().length);
    assertEquals(3, method.accuracyMatrix()[2].length, "tasks seen");
  }

  @Test
  void fewShotsDelayedAndMissingLabelsAreLearned() throws IOException {
    for (String settings : List.of("few-shot.shots=2", "labels.delay=12", "labels.missing=0.4")) {
      SeedResult run = run(16, settings);
      assertEquals(only(run).lastAccuracy(), only(run(16, settings)).lastAccuracy(), settings);
      assertTrue(only(run).lastAccuracy() > 0.35, settings + " " + only(run).lastAccuracy());
    }
    MethodResult nothing = only(run(16, "labels.missing=1"));
    assertTrue(nothing.lastAccuracy() <= 0.1, "a single class at most can be right");
    MethodResult silent = only(run(16, "labels.missing=1", "boundaries=none"));
    assertEquals(0, silent.lastAccuracy());
  }

  @Test
  void blurryTasksAreLearned() throws IOException {
    MethodResult blurry = only(run(16, "boundaries=blurry", "blur=0.3"));
    assertEquals(only(run(16)).lastAccuracy(), blurry.lastAccuracy(), 0.05, "means need no order");
  }

  /** Tasks of quite different clothes: shirts, then shoes, then bags. */
  @Test
  void boundariesAreDetectedWithoutLabels() throws IOException {
    SeedResult run =
        run(
            120,
            "boundaries=none",
            "blur=0.1",
            "tasks=3",
            "data.classes=[\"0\", \"6\", \"5\", \"7\", \"8\", \"1\"]");
    int[] ends = run.windows().stream().mapToInt(w -> w.streamEnd()).toArray();
    assertEquals(3, ends.length, "two shifts and the end");
    assertEquals(180, ends[0], 24);
    assertEquals(360, ends[1], 24);
    assertArrayEquals(
        new int[] {0, 1, 2}, run.tasks().stream().mapToInt(task -> task.window()).toArray());
    assertTrue(only(run).lastAccuracy() > 0.6, "" + only(run).lastAccuracy());
  }

  @Test
  void domainsNeedNoTasksAndAtLeastOneOfThem() {
    Stream.of(
            List.of("domains=[clean]", "tasks: has no effect here"),
            List.of("tasks=null", "expected at least one domain"),
            List.of("domains=[fogg]", "unknown corruption 'fogg'"),
            List.of("domains=[{rotate=400}]", "rotate"),
            List.of("domains=[{turn=4}]", "turn"))
        .forEach(
            pair -> {
              AcclimateException mistake =
                  assertThrows(
                      AcclimateException.class,
                      () -> TinyFashion.load(folder, 2, "kind=domain-incremental", pair.get(0)));
              assertTrue(mistake.getMessage().contains(pair.get(1)), mistake.getMessage());
            });
  }
}

package io.acclimate.simulators.tasks;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.acclimate.runtime.AcclimateException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Plans of twenty images of each class, fifteen of which are learned. */
class TaskPlannerTest {
  private static final int PER_CLASS = 20;
  private static final int LEARNED = 15;

  @TempDir private Path folder;
  private TaskData data;

  private TaskPlan plan(String... overrides) throws IOException {
    return plan(new int[0], overrides);
  }

  private TaskPlan plan(int[] ends, String... overrides) throws IOException {
    ContinualScenario scenario = TinyFashion.load(folder, PER_CLASS, overrides);
    data = TaskData.read(scenario);
    return TinyFashion.plan(scenario, data, 1, ends);
  }

  private int[] counts(int[] items) {
    int[] counts = new int[TinyFashion.CLASSES];
    Arrays.stream(items).forEach(item -> counts[data.label(item)]++);
    return counts;
  }

  private static int[] all(TaskPlan plan) {
    return plan.windows().stream().flatMapToInt(w -> Arrays.stream(w.items())).toArray();
  }

  /** New classes follow on those announced before, without gaps. */
  private static void assertNumbered(TaskPlan plan) {
    Set<Integer> known = new HashSet<>();
    for (TaskPlan.Window window : plan.windows()) {
      known.addAll(window.classes());
      assertEquals(IntStream.range(0, known.size()).boxed().collect(Collectors.toSet()), known);
    }
  }

  @Test
  void classesAreDealtOutAndNothingThatJudgesIsLearned() throws IOException {
    TaskPlan plan = plan("first-task-classes=4", "tasks=4");
    assertEquals(
        List.of(List.of(0, 1, 2, 3), List.of(4, 5), List.of(6, 7), List.of(8, 9)),
        plan.tasks().stream().map(TaskPlan.Task::classes).toList());
    assertArrayEquals(
        new int[] {15, 15, 15, 15, 0, 0, 0, 0, 0, 0}, counts(plan.windows().get(0).items()));
    assertArrayEquals(new int[] {0, 1, 2, 3}, plan.stageWindows());
    assertNumbered(plan);
    Set<Integer> learned = new HashSet<>();
    Arrays.stream(all(plan)).forEach(learned::add);
    assertEquals(LEARNED * TinyFashion.CLASSES, learned.size());
    for (TaskPlan.Task task : plan.tasks()) {
      assertTrue(Arrays.stream(task.heldOut()).noneMatch(learned::contains));
    }
  }

  /** A task that nothing judges has no accuracy. */
  @Test
  void classesOfOneSampleEachMakeNoTask() throws IOException {
    ContinualScenario scenario = TinyFashion.load(folder, 1);
    data = TaskData.read(scenario);
    AcclimateException refused =
        assertThrows(
            AcclimateException.class, () -> TinyFashion.plan(scenario, data, 1, new int[0]));
    assertTrue(
        refused.getMessage().startsWith("task 0 (0, 1): expected at least two samples"),
        refused.getMessage());
  }

  @Test
  void shuffledClassesAreNumberedInTheOrderOfTheirTasks() throws IOException {
    TaskPlan plan = plan("shuffle-classes=true");
    assertNumbered(plan);
    List<Integer> order = plan.tasks().stream().flatMap(task -> task.classes().stream()).toList();
    assertNotEquals(IntStream.range(0, 10).boxed().toList(), order);
    for (int at = 0; at < order.size(); at++) {
      assertEquals(at, plan.places()[order.get(at)]);
    }
  }

  @Test
  void shotsLimitEveryTaskButTheFirst() throws IOException {
    TaskPlan plan = plan("few-shot.shots=3");
    assertArrayEquals(
        new int[] {15, 15, 0, 0, 0, 0, 0, 0, 0, 0}, counts(plan.windows().get(0).items()));
    assertArrayEquals(
        new int[] {0, 0, 0, 0, 0, 0, 0, 0, 3, 3}, counts(plan.windows().get(4).items()));
  }

  @Test
  void blurryTasksTradeAShareOfTheirSamples() throws IOException {
    TaskPlan plan = plan("boundaries=blurry", "blur=0.2");
    assertNumbered(plan);
    int traded = 0;
    for (int task = 0; task < 5; task++) {
      int[] counts = counts(plan.windows().get(task).items());
      int own = counts[2 * task] + counts[2 * task + 1];
      assertEquals(2 * LEARNED, Arrays.stream(counts).sum());
      assertTrue(own >= 24, "only the last fifth of 30 is touched");
      traded += 2 * LEARNED - own;
    }
    assertTrue(traded > 12, traded + " of 30 pooled samples ended in another task");
    assertTrue(plan.windows().get(0).classes().size() > 2, "classes come too early");
    int[] every = new int[TinyFashion.CLASSES];
    Arrays.fill(every, LEARNED);
    assertArrayEquals(every, counts(all(plan)));
  }

  @Test
  void withoutBoundariesTasksFadeAndWindowsAreThoseDetected() throws IOException {
    TaskPlan plan = plan(new int[] {28, 64, 150}, "boundaries=none", "blur=0.2");
    assertNumbered(plan);
    assertEquals(3, plan.windows().size());
    assertArrayEquals(new int[] {30, 60, 90, 120, 150}, plan.streamEnds());
    int[] first = counts(plan.windows().get(0).items());
    assertTrue(first[0] + first[1] >= 24, "nothing else before the fading begins");
    assertEquals(28, Arrays.stream(first).sum());
    int[] second = counts(plan.windows().get(1).items());
    assertEquals(30, first[0] + first[1] + second[0] + second[1], "faded out six samples later");
    assertArrayEquals(new int[] {0, 1, 2, 2, 2}, plan.stageWindows());
  }

  @Test
  void lateLabelsAreLearnedInTheTimeInWhichTheyCome() throws IOException {
    TaskPlan plan = plan("labels.delay=10");
    int[] first = counts(plan.windows().get(0).items());
    int[] second = counts(plan.windows().get(1).items());
    assertEquals(20, first[0] + first[1]);
    assertEquals(10, second[0] + second[1]);
    assertEquals(20, second[2] + second[3]);
    assertEquals(4, plan.windows().get(1).classes().size(), "old classes come back");
    assertEquals(140, all(plan).length, "the last ten labels come after the end");
    assertNumbered(plan);
  }

  @Test
  void missingLabelsAreNeverLearned() throws IOException {
    TaskPlan half = plan("labels.missing=0.5");
    int learned = all(half).length;
    assertTrue(learned > 50 && learned < 100, learned + " of 150");
    assertArrayEquals(all(half), all(plan("labels.missing=0.5")), "drawn from the seed");
    TaskPlan none = plan("labels.missing=1");
    assertEquals(0, all(none).length);
    assertEquals(2, none.windows().get(0).classes().size(), "told tasks announce their classes");
    TaskPlan silent = plan(new int[] {80, 150}, "labels.missing=1", "boundaries=none");
    assertTrue(silent.windows().stream().allMatch(window -> window.classes().isEmpty()));
    assertTrue(Arrays.stream(silent.places()).allMatch(place -> place < 0));
  }

  @Test
  void aDomainIsATaskWithAllClasses() throws IOException {
    TaskPlan plan = plan("kind=domain-incremental", "tasks=null", "domains=[clean, fog]");
    assertEquals(2, plan.tasks().size());
    assertTrue(plan.isClosedWorld());
    assertEquals(
        List.of("clean", "fog 3"), plan.tasks().stream().map(TaskPlan.Task::name).toList());
    int[] samples = Arrays.stream(plan.windows().get(1).items()).map(item -> item % 200).toArray();
    Arrays.sort(samples);
    int[] clean = plan.windows().get(0).items().clone();
    Arrays.sort(clean);
    assertArrayEquals(clean, samples, "the same samples in each domain");
    assertTrue(Arrays.stream(plan.windows().get(1).items()).allMatch(item -> item >= 200));
  }
}

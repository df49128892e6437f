package io.acclimate.simulators.tasks;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.acclimate.continual.ContinualLearner;
import io.acclimate.continual.LearnResult;
import io.acclimate.continual.LearnerFactory;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.simulators.report.ReportWriter;
import io.acclimate.simulators.tasks.ContinualReport.MethodResult;
import io.acclimate.simulators.tasks.ContinualReport.SeedResult;
import io.acclimate.simulators.tasks.ContinualReport.TaskInfo;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Twenty-four texts of four classes arrive in two tasks. */
class ContinualRunTest {
  private static final String SCENARIO =
      """
      kind = class-incremental
      model {
        path = "classpath:all-minilm-l6-v2.onnx"
        tokenizer = "classpath:all-minilm-l6-v2-tokenizer.json"
        features = last_hidden_state
        tokens = 8
        device = cpu
      }
      data { format = text, path = texts.csv }
      held-out = 0.34
      tasks = 2
      batch-size = 4
      methods {
        frozen-ncm {}
        slow { method = naive, modules.adapter { layers = [-1] }, epochs = 1 }
      }
      """;

  @TempDir private Path folder;

  private ContinualScenario load(String... overrides) throws IOException {
    StringBuilder csv = new StringBuilder("text,label\n");
    for (String animal : List.of("cat", "dog", "horse", "cow", "sheep", "goat")) {
      csv.append("the %s sleeps in the barn,animals%n".formatted(animal));
      csv.append("a compiler for the %s language,code%n".formatted(animal));
      csv.append("boil the %s soup with salt,food%n".formatted(animal));
      csv.append("play the song of the %s on a guitar,music%n".formatted(animal));
    }
    Files.writeString(folder.resolve("texts.csv"), csv);
    Path file = Files.writeString(folder.resolve("tiny.conf"), SCENARIO);
    return ContinualScenarioLoader.load(file, List.of(overrides)).orElseThrow();
  }

  private static ContinualReport run(ContinualScenario scenario) {
    return new ContinualRun(scenario, ContinualProgress.NONE, () -> false).run();
  }

  private static SeedResult onlyRun(ContinualScenario scenario) {
    return run(scenario).runs().get(0);
  }

  @Test
  void measuresEveryLearnerAfterEachTask() throws IOException {
    SeedResult run = onlyRun(load());
    assertEquals(
        List.of(List.of("animals", "code"), List.of("food", "music")),
        run.tasks().stream().map(TaskInfo::classes).toList());
    assertEquals(
        List.of("frozen-ncm", "slow"), run.methods().stream().map(MethodResult::name).toList());
    for (MethodResult method : run.methods()) {
      assertEquals(2, method.accuracyMatrix().length);
      assertEquals(1, method.accuracyMatrix()[0].length);
      assertEquals(method.stageAccuracies()[1], method.lastAccuracy());
      assertTrue(method.bytes()[1] > method.bytes()[0], "two more classes");
      assertNull(method.forwardTransfer(), "classes of the second task are unknown before it");
      assertTrue(method.taskAccuracy() >= method.lastAccuracy(), "the right class is of its task");
      assertTrue(method.toldAccuracy() >= method.lastAccuracy(), "fewer classes to choose from");
      assertTrue(method.taskAccuracy() < 1 || method.toldAccuracy() == method.lastAccuracy());
    }
    assertEquals(0, run.methods().get(0).parameters());
    assertEquals(run.methods().get(1).bytes()[1], 4 * run.methods().get(1).parameters());
    assertTrue(run.methods().get(0).lastAccuracy() > 0.8, "class means tell the texts apart");
  }

  @Test
  void tasksThatNobodyAnnouncesCannotBeTold() throws IOException {
    for (MethodResult method : onlyRun(load("boundaries=none")).methods()) {
      assertNull(method.taskAccuracy());
      assertNull(method.toldAccuracy());
    }
  }

  @Test
  void seedsAreSummedUpAndShown() throws IOException {
    ContinualReport report = run(load("seeds=[1,2,3]", "model.device=auto"));
    assertNotEquals("auto", report.model().device(), "the device that it ran on");
    ContinualReport.Summary means = report.summary().get(0);
    assertEquals(3, means.seeds());
    double mean =
        report.runs().stream()
            .mapToDouble(seed -> seed.methods().get(0).lastAccuracy())
            .average()
            .orElseThrow();
    assertEquals(mean, means.lastAccuracy().mean(), 1e-12);
    String table = Summaries.text(report);
    assertTrue(table.contains("all 3") && table.contains(" ± "), table);
    ReportWriter.write(report, "continual.html", folder);
    String page = Files.readString(folder.resolve("report.html"));
    assertTrue(page.contains("\"accuracyMatrix\"") && !page.contains("/*PAGE-"), "filled in");
  }

  @Test
  void aStoppedRunReportsWhatWasMeasured() throws IOException {
    AtomicInteger batches = new AtomicInteger();
    ContinualReport report =
        new ContinualRun(
                load("seeds=[1,2]"), ContinualProgress.NONE, () -> batches.incrementAndGet() > 3)
            .run();
    assertTrue(report.partial());
    assertEquals(1, report.runs().size());
    MethodResult stopped = report.runs().get(0).methods().get(0);
    assertEquals(1, stopped.stageAccuracies().length, "2 batches a task: stopped in the second");
    assertEquals(List.of(), report.summary(), "no method has finished");
    assertTrue(Summaries.text(report).contains("PARTIAL"));
  }

  /** One seed has no deviation to be told. */
  @Test
  void aLearnerThatFinishedWithOneSeedHasNoDeviation() throws IOException {
    AtomicInteger batches = new AtomicInteger();
    ContinualReport report =
        new ContinualRun(
                load("seeds=[1,2]"), ContinualProgress.NONE, () -> batches.incrementAndGet() > 9)
            .run();
    assertEquals(
        List.of(1, 1), report.summary().stream().map(ContinualReport.Summary::seeds).toList());
    String table = Summaries.text(report);
    assertTrue(table.contains("all 1") && !table.contains("±"), table);
  }

  /** What the others learned is not lost, and what it had learned itself is reported. */
  @Test
  void aLearnerThatRefusesABatchEndsAloneAndIsNamed() throws IOException {
    ContinualScenario scenario = load();
    LearnerFactory real = scenario.methods().get("frozen-ncm");
    Map<String, LearnerFactory> methods = new LinkedHashMap<>();
    methods.put("broken", context -> refusingTheSecondTask(real.create(context)));
    methods.put("sound", real);
    ContinualReport report = run(withMethods(scenario, methods));
    SeedResult run = report.runs().get(0);
    assertEquals(Map.of("broken", "task 2: batch refused: test"), run.failures());
    assertEquals(1, run.methods().get(0).stageAccuracies().length);
    assertEquals(2, run.methods().get(1).stageAccuracies().length);
    assertEquals(List.of("sound"), report.summary().stream().map(s -> s.name()).toList());
    assertFalse(report.partial(), "it came to its end");
    assertEquals(
        List.of("seed 1, broken ended in task 2: batch refused: test"), Summaries.failures(report));
  }

  private static ContinualScenario withMethods(
      ContinualScenario one, Map<String, LearnerFactory> methods) {
    return new ContinualScenario(
        one.kind(),
        one.name(),
        one.file(),
        one.seeds(),
        one.model(),
        one.data(),
        one.heldOut(),
        one.tasks(),
        one.labels(),
        one.batchSize(),
        methods,
        one.settings());
  }

  private static ContinualLearner refusingTheSecondTask(ContinualLearner learner) {
    return (ContinualLearner)
        Proxy.newProxyInstance(
            ContinualLearner.class.getClassLoader(),
            new Class<?>[] {ContinualLearner.class},
            (proxy, method, arguments) ->
                method.getName().equals("learn") && learner.tasks() == 1
                    ? new LearnResult(0, "batch refused: test")
                    : method.invoke(learner, arguments));
  }

  @Test
  void progressEndsAtTheTotal() throws IOException {
    List<ContinualProgress.Place> places = new ArrayList<>();
    new ContinualRun(load(), places::add, () -> false).run();
    ContinualProgress.Place last = places.get(places.size() - 1);
    assertEquals(4, last.total());
    assertEquals(4, last.done());
    assertTrue(last.accuracy() > 0);
    assertTrue(places.get(0).accuracy() < 0, "nothing is measured yet");
  }

  @Test
  void equalSeedsGiveEqualResults() throws IOException {
    ContinualScenario scenario = load("shuffle-classes=true");
    SeedResult one = onlyRun(scenario);
    SeedResult other = onlyRun(scenario);
    assertEquals(one.tasks(), other.tasks());
    for (int i = 0; i < one.methods().size(); i++) {
      assertArrayEquals(
          one.methods().get(i).accuracyMatrix(), other.methods().get(i).accuracyMatrix());
    }
    assertEquals(
        4, one.tasks().stream().flatMap(task -> task.classes().stream()).distinct().count());
  }

  @Test
  void mistakesAreReportedWithTheirPlace() {
    Stream.of(
            List.of("kind=class-incrementel", "kind"),
            List.of("methods.lea={}", "methods.lea"),
            List.of("methods.lae={epochs=0}", "methods.lae.epochs"),
            List.of("seeds=[]", "seeds"),
            List.of("held-out=2", "held-out"),
            List.of("blur=0.2", "blur: has no effect here"),
            List.of("boundaries=blury", "boundaries"),
            List.of("domains=[clean]", "domains: has no effect here"),
            List.of("labels.mising=0.1", "labels.mising"),
            List.of("few-shot.shots=-1", "few-shot.shots"),
            List.of("shift.drift=1", "shift: has no effect here"))
        .forEach(
            pair -> {
              AcclimateException mistake =
                  assertThrows(AcclimateException.class, () -> load(pair.get(0)));
              assertTrue(mistake.getMessage().contains(pair.get(1)), mistake.getMessage());
            });
  }

  @Test
  void theTasksDivideTheClasses() throws IOException {
    ContinualScenario scenario = load("tasks=3");
    AcclimateException mistake = assertThrows(AcclimateException.class, () -> run(scenario));
    assertTrue(
        mistake.getMessage().contains("deal out the 4 classes evenly, found 3 tasks"),
        mistake.getMessage());
  }

  @Test
  void aScenarioWithoutAKindIsAnother() throws IOException {
    Path file = Files.writeString(folder.resolve("other.conf"), "name = other");
    assertTrue(ContinualScenarioLoader.load(file, List.of()).isEmpty());
  }
}

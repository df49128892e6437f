package io.acclimate.simulators.tasks;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.simulators.tasks.ClassIncrementalRun.MethodResult;
import io.acclimate.simulators.tasks.ClassIncrementalRun.SeedResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Twenty-four texts of four classes arrive in two tasks. */
class ClassIncrementalRunTest {
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

  private ClassIncrementalScenario load(String... overrides) throws IOException {
    StringBuilder csv = new StringBuilder("text,label\n");
    for (String animal : List.of("cat", "dog", "horse", "cow", "sheep", "goat")) {
      csv.append("the %s sleeps in the barn,animals%n".formatted(animal));
      csv.append("a compiler for the %s language,code%n".formatted(animal));
      csv.append("boil the %s soup with salt,food%n".formatted(animal));
      csv.append("play the song of the %s on a guitar,music%n".formatted(animal));
    }
    Files.writeString(folder.resolve("texts.csv"), csv);
    Path file = Files.writeString(folder.resolve("tiny.conf"), SCENARIO);
    return ClassIncrementalLoader.load(file, List.of(overrides)).orElseThrow();
  }

  private static SeedResult onlyRun(ClassIncrementalScenario scenario) {
    return (SeedResult) ((List<?>) new ClassIncrementalRun(scenario).run().get("runs")).get(0);
  }

  @Test
  void measuresEveryLearnerAfterEachTask() throws IOException {
    SeedResult run = onlyRun(load());
    assertEquals(List.of(List.of("animals", "code"), List.of("food", "music")), run.tasks());
    assertEquals(
        List.of("frozen-ncm", "slow"), run.methods().stream().map(MethodResult::name).toList());
    for (MethodResult method : run.methods()) {
      assertEquals(2, method.accuracyMatrix().length);
      assertEquals(1, method.accuracyMatrix()[0].length);
      assertEquals(method.stageAccuracies()[1], method.lastAccuracy());
      assertTrue(method.bytes()[1] > method.bytes()[0], "two more classes");
    }
    assertTrue(run.methods().get(0).lastAccuracy() > 0.8, "class means tell the texts apart");
  }

  @Test
  void equalSeedsGiveEqualResults() throws IOException {
    ClassIncrementalScenario scenario = load("shuffle-classes=true");
    SeedResult one = onlyRun(scenario);
    SeedResult other = onlyRun(scenario);
    assertEquals(one.tasks(), other.tasks());
    for (int i = 0; i < one.methods().size(); i++) {
      assertArrayEquals(
          one.methods().get(i).accuracyMatrix(), other.methods().get(i).accuracyMatrix());
    }
    assertEquals(4, one.tasks().stream().flatMap(List::stream).distinct().count());
  }

  @Test
  void mistakesAreReportedWithTheirPlace() {
    Stream.of(
            List.of("kind=class-incrementel", "kind"),
            List.of("methods.lea={}", "methods.lea"),
            List.of("methods.lae={epochs=0}", "methods.lae.epochs"),
            List.of("seeds=[]", "seeds"),
            List.of("held-out=2", "held-out"))
        .forEach(
            pair -> {
              AcclimateException mistake =
                  assertThrows(AcclimateException.class, () -> load(pair.get(0)));
              assertTrue(mistake.getMessage().contains(pair.get(1)), mistake.getMessage());
            });
  }

  @Test
  void theTasksDivideTheClasses() throws IOException {
    ClassIncrementalScenario scenario = load("tasks=3");
    AcclimateException mistake =
        assertThrows(AcclimateException.class, () -> new ClassIncrementalRun(scenario).run());
    assertTrue(mistake.getMessage().contains("divisor of the 4 classes"), mistake.getMessage());
  }

  @Test
  void aScenarioWithoutAKindIsAnother() throws IOException {
    Path file = Files.writeString(folder.resolve("other.conf"), "name = other");
    assertTrue(ClassIncrementalLoader.load(file, List.of()).isEmpty());
  }
}

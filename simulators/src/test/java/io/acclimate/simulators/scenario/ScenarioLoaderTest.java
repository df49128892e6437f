package io.acclimate.simulators.scenario;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.Device;
import io.acclimate.runtime.settings.SettingsException;
import io.acclimate.simulators.scenario.Scenario.MethodEntry;
import io.acclimate.simulators.shift.DirichletOrder;
import io.acclimate.simulators.shift.Domain;
import io.acclimate.simulators.shift.DomainOrder;
import io.acclimate.simulators.shift.LongTailed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ScenarioLoaderTest {
  private static final String FILES =
      "model.path = m.onnx, data { path = x.idx, labels = y.idx }\n";

  @TempDir Path folder;

  @BeforeEach
  void createFiles() throws IOException {
    for (String name : List.of("m.onnx", "x.idx", "y.idx")) {
      Files.createFile(folder.resolve(name));
    }
  }

  private Scenario load(String text, String... overrides) throws IOException {
    Path file = Files.writeString(folder.resolve("test.conf"), FILES + text);
    return ScenarioLoader.load(file, List.of(overrides));
  }

  @Test
  void defaultsComeFromTheReferenceFile() throws IOException {
    Scenario scenario = load("");
    assertEquals("test", scenario.name());
    assertEquals(List.of(1L), scenario.seeds());
    assertEquals(Device.AUTO, scenario.modelOptions().device());
    assertEquals("lame", scenario.methods().get(0).method());
    assertEquals("default", scenario.regimes().get(0).name());
    assertEquals(64, scenario.regimes().get(0).batchSize());
    assertEquals(List.of(Domain.CLEAN), scenario.regimes().get(0).recipe().domains());
    assertTrue(scenario.settings().containsKey("report"));
  }

  @Test
  void everySettingIsRead() throws IOException {
    Scenario scenario =
        load(
            """
            name = all, seeds = [3, 4], severity = 2, corruption-table = tiny-imagenet
            model { device = "cuda:1", threads = 2, outputs { logits = l, features = f } }
            domains = [clean, gaussian_noise, { corruption = motion-blur, severity = 5 }]
            stream { batch-size = 7, order = recurring, visits = 3, samples-per-domain = 11 }
            label-shift { kind = dirichlet, concentration = 0.5 }
            method.lame.knn = 3
            methods = [lame, { method = lame, name = lame-rbf, affinity = rbf }]
            regimes = [{ name = a }, { name = b, stream.order = mixed, stream.visits = null,
              label-shift = null, label-shift { kind = long-tailed, direction = backward } }]
            report.window-samples = 99
            """);
    Regime a = scenario.regimes().get(0);
    assertEquals(
        List.of(Domain.CLEAN, new Domain("gaussian_noise", 2), new Domain("motion_blur", 5)),
        a.recipe().domains());
    assertEquals(new DomainOrder.Recurring(3), a.recipe().order());
    assertEquals(new DirichletOrder(0.5), a.recipe().labelShift());
    assertEquals(7, a.batchSize());
    Regime b = scenario.regimes().get(1);
    assertInstanceOf(DomainOrder.Mixed.class, b.recipe().order());
    assertEquals(new LongTailed(10, LongTailed.Direction.BACKWARD), b.recipe().labelShift());
    assertEquals(7, b.batchSize(), "what a regime leaves out is the scenario's");
    assertEquals(3, scenario.methods().get(1).settings().getInt("knn"));
    assertEquals("l", scenario.runtime().logitsOutput());
    assertEquals(99, scenario.windowSamples());
  }

  @Test
  void aRegimesProtocolStandsOverThatOfEachMethod() throws IOException {
    Scenario scenario =
        load(
            """
            methods = [{ method = auto, protocol { window = 4, steps = 2 } }]
            protocol.window = 8
            regimes = [{ name = a }, { name = b, protocol.window = 9 }]
            """);
    MethodEntry auto = scenario.methods().get(0);
    MethodEntry a = scenario.regimes().get(0).under(auto);
    assertEquals(8, a.settings().getInt("protocol.window"));
    assertEquals(2, a.settings().getInt("protocol.steps"));
    MethodEntry b = scenario.regimes().get(1).under(auto);
    assertEquals(9, b.settings().getInt("protocol.window"));
  }

  @Test
  void commandLineOverridesTheFile() throws IOException {
    Scenario scenario =
        load(
            "stream.batch-size = 8",
            "stream.batch-size=16",
            "seeds=[5, 6]",
            "name=a: b",
            "method.lame.affinity=linear");
    assertEquals(16, scenario.regimes().get(0).batchSize());
    assertEquals(List.of(5L, 6L), scenario.seeds());
    assertEquals("a: b", scenario.name());
    AcclimateException error =
        assertThrows(AcclimateException.class, () -> load("", "stream.batch-size=none"));
    assertTrue(error.getMessage().contains("--set stream.batch-size"), error.getMessage());
    assertThrows(AcclimateException.class, () -> load("", "novalue"));
  }

  static Stream<List<String>> mistakes() {
    return Stream.of(
        List.of("nam = x", "test.conf:2: nam: unknown setting; did you mean 'name'?"),
        List.of("method.lame.nk = 1", "nk: unknown setting; known: affinity, "),
        List.of("seeds = []", "at least one seed"),
        List.of("seeds = [1, 1]", "1 is given twice"),
        List.of("model.path = none.onnx", "none.onnx: expected a file, found nothing there"),
        List.of("data.path = .", "expected a file, found a folder"),
        List.of("model.device = gpu", "expected cpu, cuda:N or auto, found gpu"),
        List.of("data.format = png", "idx | csv | npy"),
        List.of("data { format = csv }", "data.labels: has no effect here"),
        List.of("data.layout = nchw", "only format = npy"),
        List.of("data.path = \"\"", "data.path: is required"),
        List.of("domains = []", "at least one domain"),
        List.of("domains = [fogg]", "did you mean 'fog'"),
        List.of("domains = [{ corruption = fog, severity = 6 }]", "from 1 to 5, found 6"),
        List.of("domains = [{ corruption = fog, severity = 0 }]", "from 1 to 5, found 0"),
        List.of("domains = [{ corruption = clean, severity = 2 }]", "clean has none"),
        List.of("severity = 0", "from 1 to 5, found 0"),
        List.of("stream.batch-size = 0", "stream.batch-size: expected a whole number"),
        List.of("stream.batch-size = 2.5", "found 2.5"),
        List.of("stream = 3", "expected an object, found 3"),
        List.of("stream { visits = 3 }", "no effect with order = sequential"),
        List.of("stream.interval = 0.5", "expected 0 or at least 1, found 0.5"),
        List.of("stream.backward-cost = 2", "has no effect with interval = 0"),
        List.of(
            "methods = [{ method = blackvip, objective = labels, protocol.order ="
                + " adapt-then-predict }]",
            "expected protocol.order = predict-then-adapt"),
        List.of(
            "stream.order = gradual, domains = [{ corruption = fog, severity = 2 }]",
            "no effect with order = gradual"),
        List.of("label-shift.concentration = 1", "no effect with kind = none"),
        List.of("label-shift { kind = dirichlet, concentration = 0 }", "a number from 0.001"),
        List.of("methods = [tend]", "unknown method 'tend'"),
        List.of("methods = [lame, lame]", "'lame' is taken"),
        List.of("methods = [{ method = lame, knn = x }]", "methods.lame.knn"),
        List.of("method.lime.knn = 3", "method.lime: unknown method"),
        List.of("regimes = [{ stream.batch-size = 3 }]", "a name of its own"),
        List.of("regimes = [{ name = a, model.path = x }]", "regimes.a.model: unknown setting"),
        List.of("regimes = [a]", "expected objects"),
        List.of(
            "regimes = [{ name = a, protocol.reset = daily }]",
            "regimes.a, lame.protocol.reset: expected"),
        List.of("protocol.resett = never", "resett: unknown setting"),
        List.of("methods = lame", "methods: expected a list, found lame"),
        List.of("methods = [{ method = [1] }]", "methods.method: expected a text"),
        List.of("methods = [{ knn = 1 }]", "expected method = NAME"),
        List.of("method = 3", "method: expected an object, found 3"),
        List.of("method.lame = 3", "method.lame: expected an object, found 3"),
        List.of("corruption-table = mnist", "cifar | tiny-imagenet | imagenet"),
        List.of("frost-textures = nowhere", "folder not found"),
        List.of("report.window-samples = 0", "report.window-samples"));
  }

  @ParameterizedTest
  @MethodSource("mistakes")
  void eachMistakeIsNamedWithItsLine(List<String> mistake) {
    SettingsException error =
        assertThrows(SettingsException.class, () -> load(mistake.get(0)), mistake.get(0));
    assertEquals(1, error.problems().size(), error.getMessage());
    assertTrue(error.getMessage().contains(mistake.get(1)), error.getMessage());
    assertTrue(error.getMessage().contains("\n  test.conf:"), error.getMessage());
  }

  @Test
  void allMistakesAreReportedAtOnceAndInheritedOnesOnce() {
    SettingsException error =
        assertThrows(
            SettingsException.class,
            () ->
                load(
                    """
                    severity = 9
                    stream.batch-size = -1
                    methods = [lane]
                    regimes = [{ name = a }, { name = b }]
                    """));
    assertEquals(3, error.problems().size(), error.getMessage());
  }

  @ParameterizedTest
  @ValueSource(strings = {"a = {", "a = ${nowhere}", "a = [1, 2"})
  void filesThatAreNoHoconAreNamed(String text) {
    AcclimateException error = assertThrows(AcclimateException.class, () -> load(text));
    assertTrue(error.getMessage().contains("test.conf"), error.getMessage());
  }

  @Test
  void missingFileIsNamed() {
    Path missing = folder.resolve("none.conf");
    AcclimateException error =
        assertThrows(AcclimateException.class, () -> ScenarioLoader.load(missing, List.of()));
    assertTrue(error.getMessage().contains("none.conf"));
  }
}

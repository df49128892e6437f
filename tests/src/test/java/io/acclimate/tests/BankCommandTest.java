package io.acclimate.tests;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.typesafe.config.ConfigFactory;
import io.acclimate.bank.Adapter;
import io.acclimate.bank.AdapterCard;
import io.acclimate.bank.AdapterRef;
import io.acclimate.bank.store.AdapterBank;
import io.acclimate.bank.store.BankChange;
import io.acclimate.bank.store.BankSettings;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.io.FolderLock;
import io.acclimate.runtime.io.Safetensors;
import io.acclimate.simulators.cli.Main;
import io.acclimate.tests.support.Command;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands of {@code bank} on a bank with three versions. */
class BankCommandTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;
  private String bank;

  private static Adapter adapter(String id, float value) {
    AdapterCard card =
        AdapterCard.of(id, "weather", "lora", "abc")
            .withSettings(ConfigFactory.parseString("rank = 4"))
            .withMetrics(Map.of("accuracy", 0.5));
    return new Adapter(card, Map.of("up", Tensor.ofFloats(new float[] {value, 1}, 2)));
  }

  @BeforeEach
  void fill() {
    Path root = folder.resolve("bank");
    bank = root.toString();
    AdapterBank filled = AdapterBank.create(root, BankSettings.defaults());
    filled.publish(new BankChange("first").put(adapter("fog", 1)));
    filled.publish(new BankChange("second").put(adapter("fog", 2)).put(adapter("snow", 3)));
  }

  /** Runs the command in this process; a whole process for each would take its time. */
  private static Command.Result execute(String... arguments) {
    PrintStream out = System.out;
    PrintStream err = System.err;
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    ByteArrayOutputStream error = new ByteArrayOutputStream();
    System.setOut(new PrintStream(output, true, StandardCharsets.UTF_8));
    System.setErr(new PrintStream(error, true, StandardCharsets.UTF_8));
    try {
      int code = Main.execute(arguments);
      return new Command.Result(
          code, output.toString(StandardCharsets.UTF_8), error.toString(StandardCharsets.UTF_8));
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
  }

  private static String run(String... arguments) {
    Command.Result result = execute(arguments);
    assertEquals(0, result.exitCode(), result.error());
    return result.output();
  }

  private static JsonNode json(String... arguments) throws Exception {
    return JSON.readTree(run(arguments));
  }

  private static void refuse(String words, String... arguments) {
    Command.Result result = execute(arguments);
    assertEquals(2, result.exitCode(), result.error());
    assertTrue(result.error().contains(words), result.error());
    assertFalse(result.error().contains("\tat "), result.error());
  }

  @Test
  void listsShowsAndCompares() throws Exception {
    assertTrue(run("bank", "list", bank).startsWith("version 2: 2 adapters"));
    JsonNode list = json("bank", "list", bank, "--at", "1", "--json");
    assertEquals(1, list.get("adapters").size());
    assertEquals("fog@1", list.at("/adapters/0/ref").asText());
    JsonNode shown = json("bank", "show", bank, "fog@1", "--json");
    assertEquals(4, shown.at("/settings/rank").asInt());
    assertEquals("FLOAT32[2]", shown.at("/tensors/up").asText());
    assertEquals("second", json("bank", "show", bank, "--json").at("/versions/2/note").asText());
    JsonNode versions = json("bank", "diff", bank, "1", "2", "--json");
    assertEquals("snow@2", versions.at("/added/0").asText());
    assertEquals("fog@1", versions.at("/changed/0/from").asText());
    JsonNode adapters = json("bank", "diff", bank, "fog@1", "fog", "--json");
    assertEquals(1, adapters.at("/tensors/0/distance").asDouble(), 1e-9);
    assertTrue(run("bank", "show", bank).contains("*2"), "the current version is marked");
    assertTrue(run("bank", "show", bank, "fog").contains("{\"rank\":4}"));
    assertTrue(run("bank", "diff", bank, "1", "2").contains("fog@1 -> fog@2"));
    assertEquals("no difference", run("bank", "diff", bank, "2", "2").strip());
    assertTrue(run("bank", "diff", bank, "fog@1", "fog@2").contains("fog@2"));
    refuse("did you mean 'snow'", "bank", "show", bank, "snoww");
    refuse("no file HEAD", "bank", "list", bank + "/elsewhere");
    refuse("expected a bank, found no folder", "bank", "verify", bank + "/elsewhere");
    refuse("expected a command of bank", "bank");
  }

  @Test
  void exportsAndImports() throws Exception {
    String file = folder.resolve("snow.safetensors").toString();
    String other = folder.resolve("other").toString();
    run("bank", "export", bank, "snow", file);
    Tensor up = Safetensors.read(Path.of(file)).tensors().get("up");
    assertArrayEquals(new float[] {3, 1}, up.toFloatArray());
    JsonNode imported = json("bank", "import", other, file, "--json");
    assertEquals("snow@1", imported.get("adapter").asText());
    assertEquals(
        0.5, json("bank", "show", other, "snow", "--json").at("/metrics/accuracy").asDouble());
    refuse("NAME.safetensors", "bank", "export", bank, "snow", file + ".bin");
  }

  @Test
  void mergesAdaptersIntoOne() throws Exception {
    String rule = "--how";
    JsonNode mean = json("bank", "merge", bank, "fog@1", "fog", "snow", "--name", "all", "--json");
    assertEquals("all@3", mean.get("adapter").asText());
    assertEquals(3, mean.get("version").asInt());
    JsonNode card = json("bank", "show", bank, "all", "--json");
    assertEquals("[\"fog@1\",\"fog@2\",\"snow@2\"]", card.get("parents").toString());
    assertEquals("weighted-average", card.at("/provenance/merge").asText());
    assertEquals("weather", card.get("task").asText());
    assertEquals(4, card.at("/settings/rank").asInt());
    assertEquals("abc", card.get("modelSha256").asText());
    assertTrue(card.get("metrics").isEmpty(), "nothing of the merged adapter was measured");
    assertArrayEquals(new float[] {2, 1}, up("all"));
    run("bank", "merge", bank, "fog@1", "snow", "--weight", "3,1", "--name", "all");
    assertArrayEquals(new float[] {1.5f, 1}, up("all"));
    String line =
        run(
            "bank",
            "merge",
            bank,
            "fog",
            "snow",
            "--base",
            "fog@1",
            rule,
            "task-arithmetic",
            "--scale",
            "2",
            "--name",
            "sum");
    assertEquals("merged fog@2 snow@2 fog@1 into sum@5; the bank is at version 5", line.strip());
    assertArrayEquals(new float[] {1 + 2 * (1 + 2), 1}, up("sum"));
    run("bank", "merge", bank, "snow", rule, "pcb-merging", "--ratio", "1", "--name", "won");
    assertEquals(
        "1.0", json("bank", "show", bank, "won", "--json").at("/provenance/ratio").asText());
    assertTrue(run("bank", "verify", bank).stripTrailing().endsWith("sound"));
  }

  private float[] up(String adapter) {
    AdapterBank opened = AdapterBank.open(Path.of(bank), BankSettings.defaults());
    return opened.current().load(adapter).tensors().get("up").toFloatArray();
  }

  @Test
  void aMergeThatCannotBeIsRefusedAndChangesNothing() throws Exception {
    AdapterBank filled = AdapterBank.open(Path.of(bank), BankSettings.defaults());
    Adapter fog = adapter("fog", 2);
    AdapterCard card = fog.card().withRef(new AdapterRef("wide", 0));
    filled.publish(
        new BankChange("others")
            .put(
                new Adapter(
                    card.withSettings(ConfigFactory.parseString("rank = 8")), fog.tensors()))
            .put(new Adapter(AdapterCard.of("far", "t", "lora", "other"), fog.tensors())));
    refuse(
        "adapter wide@3: expected lora {\"rank\":4}",
        "bank",
        "merge",
        bank,
        "fog",
        "wide",
        "--name",
        "x");
    refuse("adapter far@3", "bank", "merge", bank, "fog", "far", "--name", "x");
    refuse(
        "a weight for each of 2",
        "bank",
        "merge",
        bank,
        "fog",
        "snow",
        "--weight",
        "1",
        "--name",
        "x");
    refuse("not all 0", "bank", "merge", bank, "fog", "snow", "--weight", "0,0", "--name", "x");
    refuse("expected no --base", "bank", "merge", bank, "fog", "--base", "snow", "--name", "x");
    refuse(
        "expected one of weighted-average | task-arithmetic | pcb-merging, found mean",
        "bank",
        "merge",
        bank,
        "fog",
        "--how",
        "mean",
        "--name",
        "x");
    refuse("--name", "bank", "merge", bank, "fog", "snow");
    refuse("a-z", "bank", "merge", bank, "fog", "snow", "--name", "../x");
    refuse("did you mean 'snow'", "bank", "merge", bank, "fog", "snoww", "--name", "x");
    assertEquals(3, AdapterBank.open(Path.of(bank), BankSettings.defaults()).current().version());
  }

  /** A learner goes on from what it has published itself. */
  @Test
  void theNameOfALearnersAdapterIsItsOwnWhileItRuns() {
    String file = folder.resolve("fog.safetensors").toString();
    run("bank", "export", bank, "fog", file);
    AdapterBank ofLearner = AdapterBank.open(Path.of(bank), BankSettings.defaults());
    FolderLock claim = ofLearner.claim("fog");
    refuse("learner-of-fog", "bank", "import", bank, file);
    refuse("learner-of-fog", "bank", "merge", bank, "fog", "snow", "--name", "fog");
    run("bank", "merge", bank, "fog", "snow", "--name", "other");
    claim.close();
    run("bank", "import", bank, file);
    assertTrue(run("bank", "list", bank).startsWith("version 4: 3 adapters"));
  }

  @Test
  void verifiesPrunesAndRollsBack() throws Exception {
    assertTrue(json("bank", "verify", bank, "--json").get("problems").isEmpty());
    assertTrue(run("bank", "verify", bank).stripTrailing().endsWith("sound"));
    assertEquals(1, json("bank", "rollback", bank, "1", "--json").get("version").asInt());
    assertTrue(run("bank", "prune", bank, "--keep", "0", "--dry-run").startsWith("would remove 2"));
    assertEquals(2, json("bank", "prune", bank, "--keep", "0", "--json").get("versions").asInt());
    assertEquals(
        List.of(1L),
        List.copyOf(AdapterBank.open(Path.of(bank), BankSettings.defaults()).versions()));
    Path tensors = Path.of(bank, "adapters/fog/1.safetensors");
    byte[] bytes = Files.readAllBytes(tensors);
    bytes[bytes.length - 1] ^= 1;
    Files.write(tensors, bytes);
    Command.Result damaged = execute("bank", "verify", bank);
    assertEquals(2, damaged.exitCode());
    assertTrue(damaged.output().contains("1.safetensors: expected SHA-256"), damaged.output());
  }
}

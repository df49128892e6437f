package io.acclimate.bank.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import io.acclimate.bank.Adapter;
import io.acclimate.bank.AdapterCard;
import io.acclimate.bank.AdapterRef;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class AdapterBankTest {
  @TempDir Path folder;
  private Path root;
  private AdapterBank bank;

  @BeforeEach
  void create() {
    root = folder.resolve("bank");
    bank = AdapterBank.create(root, BankSettings.defaults());
  }

  private AdapterBank reopened() {
    return AdapterBank.open(root, BankSettings.defaults());
  }

  private BankView publish(Adapter... adapters) {
    BankChange change = new BankChange("test");
    for (Adapter adapter : adapters) {
      change.put(adapter);
    }
    return bank.publish(change);
  }

  /** The bytes of every file but the one that locks. */
  private SortedMap<String, String> contents() throws IOException {
    SortedMap<String, String> contents = new TreeMap<>();
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        if (!file.endsWith("LOCK")) {
          contents.put(
              root.relativize(file).toString(), HexFormat.of().formatHex(Files.readAllBytes(file)));
        }
      }
    }
    return contents;
  }

  @Test
  void whatIsPublishedComesBackAsItWas() {
    assertEquals(0, bank.current().version());
    Adapter adapter = Samples.adapter("night", 2);
    BankView published = publish(adapter, Samples.adapter("day", 5));
    assertEquals(1, published.version());
    BankView view = reopened().current();
    assertEquals(2, view.size());
    assertEquals(Set.of("day", "night"), view.entries().keySet());
    Adapter loaded = view.load("night");
    assertTrue(Samples.sameTensors(adapter, loaded));
    assertEquals(adapter.card().withRef(new AdapterRef("night", 1)), loaded.card());
    assertEquals(loaded.card(), view.card("night"));
    BankEntry entry = view.require("night");
    assertEquals("task-1", entry.task());
    assertEquals("lora", entry.module());
    assertEquals("lossless", entry.codec());
    assertEquals("test", view.note());
    assertEquals(0, view.parent());
  }

  @Test
  void aVersionNeverChanges() {
    BankView first = publish(Samples.adapter("a", 1));
    publish(Samples.adapter("a", 2), Samples.adapter("b", 2));
    bank.publish(new BankChange("away").remove("a"));
    assertTrue(Samples.sameTensors(Samples.adapter("a", 1), first.load("a")));
    assertEquals(Set.of("a"), first.entries().keySet());
    assertEquals(new AdapterRef("a", 2), bank.view(2).require("a").ref());
    assertEquals(Set.of("b"), bank.current().entries().keySet());
    assertEquals(1, bank.current().size());
    assertEquals(Set.of(0L, 1L, 2L, 3L), bank.versions());
  }

  /** Rolling back writes HEAD and nothing else. */
  @Test
  void rollingBackMovesTheHeadOnly() throws IOException {
    publish(Samples.adapter("a", 1));
    publish(Samples.adapter("a", 2), Samples.adapter("b", 2));
    SortedMap<String, String> before = contents();
    BankView back = bank.rollback(1);
    assertEquals(1, back.version());
    assertSame(back, bank.current());
    SortedMap<String, String> after = contents();
    assertEquals(before.keySet(), after.keySet());
    before.remove("HEAD");
    after.remove("HEAD");
    assertEquals(before, after);
    assertTrue(Samples.sameTensors(Samples.adapter("a", 1), reopened().current().load("a")));
    assertEquals(2, bank.rollback(2).version(), "and forward again");
  }

  /** Numbers are never given twice, so a prediction's version says what made it. */
  @Test
  void aVersionAfterARollbackHasANewNumber() {
    publish(Samples.adapter("a", 1));
    publish(Samples.adapter("a", 2));
    bank.rollback(1);
    BankView branch = publish(Samples.adapter("b", 3));
    assertEquals(3, branch.version());
    assertEquals(1, branch.parent());
    assertEquals(new AdapterRef("a", 1), branch.require("a").ref());
    assertEquals(new AdapterRef("a", 2), bank.view(2).require("a").ref());
  }

  @Test
  void oneAdapterCanBeBroughtBack() {
    publish(Samples.adapter("a", 1));
    publish(Samples.adapter("a", 2), Samples.adapter("b", 2));
    BankView restored = bank.publish(new BankChange("back").restore(new AdapterRef("a", 1)));
    assertEquals(new AdapterRef("a", 1), restored.require("a").ref());
    assertTrue(Samples.sameTensors(Samples.adapter("a", 1), restored.load("a")));
    assertEquals(new AdapterRef("b", 2), restored.require("b").ref());
    assertRefused(
        "no version 9", () -> bank.publish(new BankChange("").restore(new AdapterRef("a", 9))));
  }

  @Test
  void statesAreKeptInVersionsToo() {
    bank.publish(new BankChange("one").putState("statistics", Samples.state(1)));
    bank.publish(
        new BankChange("two")
            .putState("statistics", Samples.state(2))
            .put(Samples.adapter("a", 1)));
    assertEquals(Samples.state(2), reopened().current().state("statistics"));
    assertEquals(Samples.state(1), bank.view(1).state("statistics"));
    assertTrue(bank.publish(new BankChange("").removeState("statistics")).states().isEmpty());
    assertRefused("no state 'statistics'", () -> bank.current().state("statistics"));
  }

  @Test
  void aChangeThatFailsLeavesNothingBehind() throws IOException {
    publish(Samples.adapter("a", 1));
    SortedMap<String, String> before = contents();
    Path inTheWay = root.resolve("versions/2.json");
    Files.createDirectory(inTheWay);
    assertRefused("found a folder", () -> publish(Samples.adapter("b", 1)));
    Files.delete(inTheWay);
    assertEquals(before, contents());
    assertRefused("no adapter 'x'", () -> bank.publish(new BankChange("").remove("x")));
    assertEquals(before, contents());
    assertEquals(1, bank.current().version());
    assertEquals(2, publish(Samples.adapter("b", 1)).version());
    assertTrue(bank.verify().sound());
  }

  @Test
  void nothingThatIsNotFiniteGetsIn() {
    Adapter broken =
        new Adapter(
            AdapterCard.of("a", "t", "lora", ""),
            Map.of("w", Tensor.ofFloats(new float[] {1, Float.NaN}, 2)));
    assertRefused(
        "tensor 'w' of adapter a@0: expected finite numbers, found NaN or infinity at 1",
        () -> publish(broken));
    Adapter empty = new Adapter(AdapterCard.of("a", "t", "lora", ""), Map.of());
    assertRefused("at least one tensor", () -> publish(empty));
    assertRefused(
        "found it twice", () -> publish(Samples.adapter("a", 1), Samples.adapter("a", 2)));
    assertRefused(
        "metric 'loss'",
        () -> Samples.adapter("a", 1).card().withMetrics(Map.of("loss", Double.NaN)));
    assertRefused("expected a name", () -> Samples.adapter("../a", 1));
    assertRefused("expected a name", () -> new BankChange("").putState("A", Samples.state(1)));
  }

  @Test
  void loadedAdaptersAreSharedUpToTheCap() {
    publish(Samples.adapter("a", 1), Samples.adapter("b", 2), Samples.adapter("c", 3));
    AdapterBank small =
        AdapterBank.open(root, BankSettings.of(ConfigFactory.parseString("cache-bytes = 50")));
    BankView view = small.current();
    Adapter a = view.load("a");
    Adapter b = view.load("b");
    assertSame(a, view.load("a"), "asked for again");
    view.load("c");
    assertTrue(small.cachedBytes() <= 50, "bytes " + small.cachedBytes());
    assertSame(a, view.load("a"), "younger than b");
    assertNotSame(b, view.load("b"), "b had to go");
    AdapterBank none =
        AdapterBank.open(root, BankSettings.of(ConfigFactory.parseString("cache-bytes = 0")));
    assertNotSame(none.current().load("a"), none.current().load("a"));
    assertEquals(0, none.cachedBytes());
  }

  /**
   * Opening reads HEAD and a manifest, finding an adapter one part of the index, loading its files.
   */
  @Test
  void nothingIsReadBeforeItIsNeeded() throws IOException {
    publish(
        IntStream.range(0, 30).mapToObj(i -> Samples.adapter("a" + i, i)).toArray(Adapter[]::new));
    BankEntry wanted = bank.current().require("a7");
    String part =
        bank.current().manifest().index().get(BankView.bucketName(BankView.bucketOf("a7")));
    for (Path file : new BankFolder(root).files()) {
      String name = root.relativize(file).toString();
      boolean needed =
          name.startsWith("adapters/a7/") || name.equals("versions/1.json") || name.contains(part);
      if (!needed) {
        Files.writeString(file, "not to be read");
      }
    }
    BankView view = reopened().current();
    assertEquals(30, view.size());
    assertEquals(wanted, view.require("a7"));
    assertTrue(Samples.sameTensors(Samples.adapter("a7", 7), view.load("a7")));
    assertRefused("SHA-256", () -> view.load("a8"));
  }

  @Test
  void anotherProcessSeesWhatWasPublishedAndBuildsOnIt() {
    AdapterBank other = reopened();
    publish(Samples.adapter("a", 1));
    assertEquals(0, other.current().version());
    other.publish(new BankChange("theirs").put(Samples.adapter("b", 2)));
    assertEquals(Set.of("a", "b"), other.current().entries().keySet());
    assertEquals(1, bank.current().version());
    assertEquals(2, bank.refresh().version());
    assertEquals(Set.of("a", "b"), bank.current().entries().keySet());
  }

  @Test
  void pruningKeepsWhatTheKeptVersionsNeed() throws IOException {
    publish(Samples.adapter("a", 1), Samples.adapter("b", 1));
    bank.publish(new BankChange("").putState("s", Samples.state(1)).put(Samples.adapter("a", 2)));
    publish(Samples.adapter("a", 3));
    bank.publish(new BankChange("").removeState("s"));
    Files.writeString(root.resolve("adapters/a/.7.json.x.tmp"), "left by a crash");
    SortedMap<String, String> before = contents();
    PruneReport planned = bank.prune(2, true);
    assertEquals(before, contents(), "a dry run removes nothing");
    PruneReport done = bank.prune(2, false);
    assertEquals(planned, done);
    assertEquals(3, done.versions());
    assertEquals(2, done.kept());
    assertEquals(before.size() - done.files(), contents().size());
    assertFalse(Files.exists(root.resolve("adapters/a/1.safetensors")));
    assertFalse(Files.exists(root.resolve("adapters/a/2.safetensors")));
    assertTrue(Files.exists(root.resolve("states/s/2.safetensors")), "version 3 has it");
    VerifyReport report = bank.verify();
    assertEquals(List.of(), report.problems());
    assertEquals(0, report.unreferenced());
    assertEquals(2, report.adapters());
    assertEquals(1, report.states());
    assertEquals(5, publish(Samples.adapter("c", 1)).version());
    bank.prune(0, false);
    assertFalse(Files.exists(root.resolve("states/s")), "empty folders go");
    assertEquals(Set.of("a", "b", "c"), reopened().current().entries().keySet());
    assertRefused("no version 3", () -> bank.rollback(3));
    assertRefused("0 versions or more", () -> bank.prune(-1, false));
  }

  @Test
  void theCurrentVersionIsKeptHoweverOld() {
    publish(Samples.adapter("a", 1));
    publish(Samples.adapter("a", 2));
    bank.rollback(1);
    bank.prune(1, false);
    assertEquals(Set.of(1L, 2L), bank.versions());
    assertTrue(bank.verify().sound());
  }

  @Test
  void everyDamagedOrMissingFileIsFound() throws IOException {
    publish(Samples.adapter("a", 1), Samples.adapter("b", 1));
    bank.publish(new BankChange("").putState("s", Samples.state(1)).put(Samples.adapter("a", 2)));
    VerifyReport sound = bank.verify();
    assertEquals(new VerifyReport(3, 3, 1, sound.bytes(), List.of(), 0), sound);
    List<Path> files = new ArrayList<>(new BankFolder(root).files());
    files.add(root.resolve("HEAD"));
    for (Path file : files) {
      byte[] bytes = Files.readAllBytes(file);
      byte[] damaged = bytes.clone();
      damaged[bytes.length / 2] ^= 1;
      Files.write(file, damaged);
      assertFound(file);
      Files.delete(file);
      assertFound(file);
      Files.write(file, bytes);
    }
    assertTrue(bank.verify().sound());
  }

  private void assertFound(Path file) {
    // A version without its file is no version any more.
    boolean lostVersion = !Files.exists(file) && file.getParent().endsWith("versions");
    VerifyReport report = bank.verify();
    if (!lostVersion || file.endsWith("2.json")) {
      assertTrue(
          report.problems().stream().anyMatch(line -> line.contains(root.toString())),
          file + ": " + report.problems());
    }
    if (!lostVersion) {
      assertTrue(
          report.problems().stream().anyMatch(line -> line.startsWith(file.toString())),
          file + ": " + report.problems());
    }
  }

  @Test
  void adaptersGoOutAndComeIn() throws IOException {
    Adapter adapter = publish(Samples.adapter("a", 1)).load("a");
    Path file = folder.resolve("out.safetensors");
    AdapterFiles.write(adapter, file);
    Adapter read = AdapterFiles.read(file);
    assertEquals(adapter.card(), read.card());
    assertTrue(Samples.sameTensors(adapter, read));
    assertEquals(new AdapterRef("a", 2), publish(read).require("a").ref());
    assertRefused("NAME.safetensors", () -> AdapterFiles.write(adapter, folder.resolve("out.bin")));
    Files.writeString(folder.resolve("out.json"), "{}");
    assertRefused("out.json: expected a bank's JSON", () -> AdapterFiles.read(file));
    Files.delete(folder.resolve("out.json"));
    assertRefused("out.json: expected a file", () -> AdapterFiles.read(file));
  }

  @Test
  void codecsAreChosenBySettingAndFoundAgain() {
    publish(Samples.adapter("exact", 0.1f));
    AdapterBank halves =
        AdapterBank.open(root, BankSettings.of(ConfigFactory.parseString("codec = float16")));
    halves.publish(new BankChange("").put(Samples.adapter("half", 0.1f)));
    BankView view = reopened().current();
    assertEquals("lossless", view.require("exact").codec());
    assertEquals("float16", view.require("half").codec());
    assertEquals(0.1f, view.load("exact").tensors().get("block.0.up").floats().get(0));
    float half = view.load("half").tensors().get("block.0.up").floats().get(0);
    assertTrue(half != 0.1f && Math.abs(half - 0.1f) < 1e-4, "half " + half);
  }

  @Test
  void differencesAreNamed() {
    BankView first = publish(Samples.adapter("a", 1), Samples.adapter("b", 1));
    BankView second =
        bank.publish(
            new BankChange("")
                .put(Samples.adapter("a", 2))
                .put(Samples.adapter("c", 1))
                .remove("b")
                .putState("s", Samples.state(1)));
    BankDiff diff = BankDiff.between(first, second);
    assertEquals(List.of(new AdapterRef("c", 2)), diff.added());
    assertEquals(List.of(new AdapterRef("b", 1)), diff.removed());
    assertEquals(
        List.of(new BankDiff.Change(new AdapterRef("a", 1), new AdapterRef("a", 2))),
        diff.changed());
    assertEquals(List.of("s"), diff.states());
    AdapterDiff adapters = AdapterDiff.between(first.load("a"), second.load("a"));
    AdapterDiff.TensorDiff up = adapters.tensors().get(1);
    assertEquals("block.0.up", up.name());
    assertEquals(Math.sqrt(2), up.distance(), 1e-9);
    assertEquals(5 / Math.sqrt(3 * 9), up.cosine(), 1e-9);
    assertFalse(up.equal());
    assertTrue(AdapterDiff.between(first.load("a"), first.load("a")).tensors().get(0).equal());
  }

  @Test
  void placesWithoutABankAreRefused() throws IOException {
    assertRefused(
        "expected an empty folder", () -> AdapterBank.create(root, BankSettings.defaults()));
    assertRefused("found no file HEAD", () -> AdapterBank.open(folder, BankSettings.defaults()));
    String head = Files.readString(root.resolve("HEAD"));
    Files.writeString(root.resolve("HEAD"), head.replace("\"last\":0", "\"last\":7"));
    assertRefused("HEAD: expected content with SHA-256", this::reopened);
    Files.writeString(root.resolve("HEAD"), "{}");
    assertRefused("HEAD", this::reopened);
  }

  private static void assertRefused(String words, Executable call) {
    AcclimateException error = assertThrows(AcclimateException.class, call);
    assertTrue(error.getMessage().contains(words), error.getMessage());
  }
}

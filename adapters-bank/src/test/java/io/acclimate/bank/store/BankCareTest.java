package io.acclimate.bank.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import io.acclimate.bank.Adapter;
import io.acclimate.bank.AdapterCard;
import io.acclimate.bank.AdapterRef;
import io.acclimate.runtime.io.FolderLock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import org.junit.jupiter.api.Test;

/** Pruning, verifying, comparing, and adapters that leave and enter a bank. */
class BankCareTest extends BankFixture {
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

  /** A learner's lock, and whatever else somebody has put into the folder, are not the bank's. */
  @Test
  void pruningLeavesWhatIsNotTheBanks() throws IOException {
    publish(Samples.adapter("a", 1));
    Path own = Files.createDirectories(root.resolve("learner")).resolve("samples");
    Files.writeString(own, "labelled");
    Files.writeString(root.resolve("README"), "mine");
    Files.writeString(root.resolve(".HEAD.x.tmp"), "left by a crash");
    try (FolderLock claim = bank.claim("a")) {
      assertEquals(1, bank.verify().unreferenced());
      assertEquals(1, bank.prune(9, false).files());
      assertRefused("only writer", () -> reopened().claim("a"));
      assertTrue(Files.exists(root.resolve("learner-of-a.lock")), claim + " is held");
    }
    assertEquals("labelled", Files.readString(own));
    assertTrue(Files.exists(root.resolve("README")));
    assertFalse(Files.exists(root.resolve(".HEAD.x.tmp")));
  }

  /** What a process wrote that was killed before it changed the head is no version. */
  @Test
  void aVersionThatWasNeverPublishedIsNone() throws IOException {
    publish(Samples.adapter("a", 1));
    byte[] head = Files.readAllBytes(root.resolve("HEAD"));
    publish(Samples.adapter("a", 2), Samples.adapter("b", 2));
    Files.write(root.resolve("HEAD"), head);
    AdapterBank opened = reopened();
    assertEquals(Set.of(0L, 1L), opened.versions());
    assertRefused("no version 2", () -> opened.rollback(2));
    assertEquals(7, opened.verify().unreferenced(), "two adapters, their index and the manifest");
    assertEquals(2, opened.publish(new BankChange("").put(Samples.adapter("a", 3))).version());
    assertEquals(3, opened.current().load("a").tensors().get("block.0.up").floats().get(0));
    assertEquals(Set.of("a"), opened.current().entries().keySet());
    opened.prune(9, false);
    assertEquals(0, opened.verify().unreferenced());
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

  /** With its lock removed, a second learner could publish beside the one that runs. */
  @Test
  void pruningLeavesTheLocksOfLearners() {
    publish(Samples.adapter("a", 1));
    publish(Samples.adapter("a", 2));
    FolderLock claim = bank.claim("a");
    assertEquals(0, bank.verify().unreferenced());
    bank.prune(1, false);
    assertRefused("only writer", () -> reopened().claim("a"));
    claim.close();
  }

  /** A learner goes on from what it has published: it would undo what others roll back. */
  @Test
  void aRunningLearnersAdapterIsNotRolledBackByOthers() throws IOException {
    publish(Samples.adapter("a", 1));
    publish(Samples.adapter("b", 1));
    publish(Samples.adapter("a", 2));
    AdapterBank other = reopened();
    FolderLock claim = bank.claim("a");
    SortedMap<String, String> before = contents();
    String self = Long.toString(ProcessHandle.current().pid());
    assertRefused("found process " + self, () -> other.rollback(2));
    assertRefused("let the learner roll back, or stop it", () -> other.rollback(1));
    assertEquals(before, contents());
    assertEquals(3, other.current().version());
    publish(Samples.adapter("b", 2));
    assertEquals(3, other.rollback(3).version(), "of the learner's adapter nothing changes");
    claim.close();
    assertEquals(1, other.rollback(1).version());
    bank.claim("a").close();
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

  /** A process that is killed while it creates a bank does not make the folder unusable. */
  @Test
  void aBankThatWasNeverFinishedIsCreatedAnew() throws IOException {
    Files.move(root.resolve("HEAD"), root.resolve(".HEAD.x.tmp"));
    assertEquals(0, AdapterBank.openOrCreate(root, BankSettings.defaults()).current().version());
    Files.delete(root.resolve("HEAD"));
    Files.writeString(root.resolve("versions/1.json"), "of a bank that was used");
    assertRefused(
        "expected an empty folder", () -> AdapterBank.create(root, BankSettings.defaults()));
  }

  @Test
  void namesThatAreNotThereAreAnsweredShortly() {
    BankChange many = new BankChange("many");
    for (int i = 0; i < 100; i++) {
      many.put(Samples.adapter("adapter-" + i, 1));
    }
    bank.publish(many);
    assertRefused("and 60 more", () -> bank.current().load("zzzz"));
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

  @Test
  void anAdapterBelongsToItsModel() {
    AdapterCard card = Samples.adapter("a", 1).card();
    card.requireModel("abc123");
    AdapterCard.of("any", "t", "lora", "").requireModel("abc123");
    assertRefused("a@0: expected the model with SHA-256 abc123", () -> card.requireModel("def"));
  }

  @Test
  void allMistakesInSettingsAreNamed() {
    assertRefused(
        "bank.cache-bytes",
        () -> BankSettings.of(ConfigFactory.parseString("cache-bytes = -1, codec = zip")));
    assertRefused(
        "bank.compeft.density",
        () -> BankSettings.of(ConfigFactory.parseString("compeft { density = 0.9 }")));
  }
}

package io.acclimate.bank.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import io.acclimate.bank.Adapter;
import io.acclimate.bank.AdapterCard;
import io.acclimate.bank.AdapterRef;
import io.acclimate.runtime.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class AdapterBankTest extends BankFixture {
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
  void banksInWhichTheSameWasDoneHaveTheSameHash() {
    AdapterBank twin = AdapterBank.create(folder.resolve("twin"), BankSettings.defaults());
    publish(Samples.adapter("a", 1));
    twin.publish(new BankChange("test").put(Samples.adapter("a", 1)));
    assertEquals(bank.current().sha256(), twin.current().sha256());
    publish(Samples.adapter("a", 2));
    twin.publish(new BankChange("test").put(Samples.adapter("a", 3)));
    assertNotEquals(bank.current().sha256(), twin.current().sha256());
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
    assertSame(bank.current(), bank.refresh());
    other.rollback(1);
    assertEquals(1, bank.refresh().version());
    other.rollback(2);
    other.rollback(1);
    other.rollback(0);
    assertEquals(0, bank.refresh().size());
  }

  /** Readers hold a version while others are published: what they see belongs together. */
  @Test
  void readersSeeWholeVersionsWhileOthersArePublished() throws Exception {
    publish(Samples.adapter("left", 1), Samples.adapter("right", 1));
    AtomicBoolean done = new AtomicBoolean();
    ExecutorService readers = Executors.newFixedThreadPool(2);
    Callable<Integer> reader =
        () -> {
          int read = 0;
          while (!done.get() || read == 0) {
            BankView view = bank.current();
            for (String id : List.of("left", "right")) {
              assertEquals(
                  (float) view.version(),
                  view.load(id).tensors().get("block.0.up").floats().get(0));
            }
            read++;
          }
          return read;
        };
    List<Future<Integer>> reading = List.of(readers.submit(reader), readers.submit(reader));
    for (int version = 2; version <= 15; version++) {
      publish(Samples.adapter("left", version), Samples.adapter("right", version));
    }
    done.set(true);
    for (Future<Integer> future : reading) {
      assertTrue(future.get() > 0);
    }
    readers.shutdown();
  }
}

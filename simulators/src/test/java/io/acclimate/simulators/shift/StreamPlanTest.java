package io.acclimate.simulators.shift;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.SeedTree;
import io.acclimate.simulators.shift.StreamPlan.Item;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class StreamPlanTest {
  private static final int CLASSES = 10;
  private static final int[] POOL = IntStream.range(0, 2000).map(i -> i % CLASSES).toArray();
  private static final Domain NOISE = new Domain("gaussian_noise", 5);
  private static final Domain FOG = new Domain("fog", 3);
  private static final List<Domain> DOMAINS = List.of(Domain.CLEAN, NOISE, FOG);

  @Test
  void sequentialGoesThroughTheDomains() {
    StreamPlan plan = plan(new DomainOrder.Sequential(), 300, new EvenShuffle(), 1);
    assertEquals(900, plan.size());
    assertEquals(
        List.of(
            new Segment(List.of(Domain.CLEAN), 0, 300),
            new Segment(List.of(NOISE), 0, 300),
            new Segment(List.of(FOG), 0, 300)),
        plan.segments());
    for (int i = 0; i < plan.size(); i++) {
      assertEquals(i / 300, plan.item(i).segment());
      assertEquals(DOMAINS.get(i / 300), plan.item(i).domain());
    }
    assertEquals(600, plan.start(2));
    assertEquals(900, plan.start(3));
    assertThrows(IndexOutOfBoundsException.class, () -> plan.item(900));
    assertThrows(IndexOutOfBoundsException.class, () -> plan.item(-1));
  }

  @Test
  void zeroSamplesPerDomainMeansThePool() {
    assertEquals(6000, plan(new DomainOrder.Sequential(), 0, new EvenShuffle(), 1).size());
  }

  @Test
  void gradualSeveritiesRiseAndFall() {
    StreamPlan plan = plan(new DomainOrder.Gradual(), 300, new EvenShuffle(), 1);
    assertEquals(900, plan.size());
    assertEquals(
        List.of(0, 1, 2, 3, 4, 5, 4, 3, 2, 1, 1, 2, 3, 4, 5, 4, 3, 2, 1),
        plan.segments().stream().map(segment -> segment.domains().get(0).severity()).toList());
    for (Segment segment : plan.segments().subList(1, 19)) {
      assertTrue(segment.samples() == 33 || segment.samples() == 34, segment.toString());
    }
    assertEquals("gaussian_noise", plan.item(599).domain().corruption());
    assertEquals("fog", plan.item(600).domain().corruption());
  }

  @Test
  void recurringComesBackWithOtherSamples() {
    StreamPlan plan = plan(new DomainOrder.Recurring(4), 200, new EvenShuffle(), 1);
    assertEquals(4 * 3 * 200, plan.size());
    assertEquals(12, plan.segments().size());
    for (int s = 0; s < 12; s++) {
      assertEquals(new Segment(List.of(DOMAINS.get(s % 3)), s / 3, 200), plan.segments().get(s));
    }
    assertNotEquals(
        items(plan).subList(0, 200).stream().map(Item::sample).toList(),
        items(plan).subList(600, 800).stream().map(Item::sample).toList());
  }

  @Test
  void mixedDrawsADomainForEverySample() {
    StreamPlan plan = plan(new DomainOrder.Mixed(), 1000, new EvenShuffle(), 1);
    assertEquals(3000, plan.size());
    assertEquals(1, plan.segments().size());
    for (List<Item> part : List.of(items(plan), items(plan).subList(0, 1500))) {
      for (Domain domain : DOMAINS) {
        double share = Collections.frequency(part.stream().map(Item::domain).toList(), domain);
        assertEquals(part.size() / 3.0, share, 0.1 * part.size() / 3.0);
      }
    }
    assertEquals(3000, new HashSet<>(items(plan)).size(), "a sample twice in one domain");
  }

  @Test
  void mixedOverTheWholePoolShowsEverySampleInEveryDomain() {
    StreamPlan plan = plan(new DomainOrder.Mixed(), 0, new ClassBlocks(1), 1);
    assertEquals(6000, new HashSet<>(items(plan)).size());
    assertEquals(CLASSES, runs(plan, item -> POOL[item.sample()]));
  }

  @Test
  void mixedIsCorrelatedInLabelsButNotInDomains() {
    StreamPlan plan = plan(new DomainOrder.Mixed(), 1000, new DirichletOrder(0.1), 1);
    assertTrue(runs(plan, item -> POOL[item.sample()]) <= 100);
    assertTrue(runs(plan, Item::domain) > 1800);
  }

  @Test
  void labelShiftOrdersEverySegment() {
    StreamPlan plan = plan(new DomainOrder.Sequential(), 500, new ClassBlocks(1), 1);
    int runs = runs(plan, item -> POOL[item.sample()] + CLASSES * item.segment());
    assertEquals(3 * CLASSES, runs);
  }

  @Test
  void shorterSegmentsOfALongTailAreCounted() {
    LongTailed tail = new LongTailed(10, LongTailed.Direction.RANDOM);
    StreamPlan plan = plan(new DomainOrder.Sequential(), 0, tail, 1);
    assertTrue(plan.size() < 3000, "size " + plan.size());
    for (int s = 0; s < 3; s++) {
      assertEquals(s, plan.item(plan.start(s)).segment());
      assertEquals(s, plan.item(plan.start(s + 1) - 1).segment());
    }
  }

  @Test
  void seedDecidesThePlan() {
    for (LabelShift shift : List.of(new EvenShuffle(), new DirichletOrder(0.5))) {
      List<Item> items = items(plan(new DomainOrder.Mixed(), 100, shift, 1));
      assertEquals(items, items(plan(new DomainOrder.Mixed(), 100, shift, 1)));
      assertNotEquals(items, items(plan(new DomainOrder.Mixed(), 100, shift, 2)));
    }
  }

  @Test
  void refusesWhatCannotBePlanned() {
    EvenShuffle even = new EvenShuffle();
    assertRefused(
        () -> plan(new DomainOrder.Sequential(), 2001, even, 1),
        "samples per domain: expected from 1 to the pool's 2000, found 2001");
    assertRefused(() -> plan(new DomainOrder.Mixed(), -1, even, 1), "found -1");
    assertRefused(() -> plan(new DomainOrder.Gradual(), 8, even, 1), "9 or more");
    assertRefused(() -> new DomainOrder.Recurring(0), "visits: expected from 1 to 10000, found 0");
    assertRefused(
        () -> new DomainOrder.Mixed().segments(List.of(), 5), "expected at least one, found none");
    List<Domain> many = Collections.nCopies(2_000_000, FOG);
    StreamRecipe recipe = new StreamRecipe(many, new DomainOrder.Mixed(), 2000, even);
    assertRefused(
        () -> StreamPlan.create(recipe, POOL, CLASSES, SeedTree.of(1), () -> {}), "at most");
    StreamRecipe longer = new StreamRecipe(DOMAINS, new DomainOrder.Mixed(), 1, even);
    assertRefused(
        () -> StreamPlan.create(longer, POOL, 5, SeedTree.of(1), () -> {}), "label from 0 to 4");
  }

  /** Whoever waits for a long plan can be told to stop. */
  @Test
  void planningEndsBetweenTwoSegments() {
    StreamRecipe recipe =
        new StreamRecipe(DOMAINS, new DomainOrder.Recurring(10_000), 2000, new EvenShuffle());
    int[] asked = {0};
    Runnable third =
        () -> {
          if (++asked[0] == 3) {
            throw new IllegalStateException("told to stop");
          }
        };
    assertThrows(
        IllegalStateException.class,
        () -> StreamPlan.create(recipe, POOL, CLASSES, SeedTree.of(1), third));
    assertEquals(3, asked[0]);
  }

  @Test
  void refusesDomainsThatAreNone() {
    assertRefused(() -> new Domain("fog", 0), "domain fog: expected a severity from 1 to 5");
    assertRefused(() -> new Domain("fog", 6), "found 6");
    assertRefused(() -> new Domain("clean", 1), "expected a severity from 0 to 0, found 1");
    assertRefused(() -> new Domain(" ", 1), "expected the name of a corruption");
    assertRefused(() -> new Segment(List.of(), 0, 1), "segment: expected domains");
  }

  private static StreamPlan plan(DomainOrder order, int perDomain, LabelShift shift, long seed) {
    StreamRecipe recipe = new StreamRecipe(DOMAINS, order, perDomain, shift);
    return StreamPlan.create(recipe, POOL, CLASSES, SeedTree.of(seed), () -> {});
  }

  private static List<Item> items(StreamPlan plan) {
    return IntStream.range(0, plan.size()).mapToObj(plan::item).toList();
  }

  private static int runs(StreamPlan plan, Function<Item, Object> key) {
    List<Object> keys = items(plan).stream().map(key).collect(Collectors.toList());
    return 1
        + (int)
            IntStream.range(1, keys.size())
                .filter(i -> !keys.get(i).equals(keys.get(i - 1)))
                .count();
  }

  private static void assertRefused(Runnable action, String text) {
    String message = assertThrows(AcclimateException.class, action::run).getMessage();
    assertTrue(message.contains(text), message);
  }
}

package io.acclimate.simulators.shift;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.SeedTree;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.commons.rng.UniformRandomProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class LabelShiftTest {
  private static final int CLASSES = 10;

  /** Labels 0 to 9 in turn, 500 of each. */
  private static final int[] POOL = IntStream.range(0, 5000).map(i -> i % CLASSES).toArray();

  static Stream<LabelShift> shifts() {
    return Stream.of(
        new EvenShuffle(),
        new LongTailed(20, LongTailed.Direction.RANDOM),
        new DirichletOrder(0.1),
        new ClassBlocks(1),
        new ClassBlocks(3));
  }

  @ParameterizedTest
  @MethodSource("shifts")
  void everyIndexComesAtMostOnce(LabelShift shift) {
    for (int n : new int[] {0, 1000, POOL.length}) {
      int[] order = shift.order(POOL, CLASSES, n, random(1));
      assertEquals(order.length, distinct(order).size());
      assertTrue(Arrays.stream(order).allMatch(i -> i >= 0 && i < POOL.length));
      if (!(shift instanceof LongTailed)) {
        assertEquals(n == 0 ? POOL.length : n, order.length);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("shifts")
  void seedDecidesTheOrder(LabelShift shift) {
    int[] order = shift.order(POOL, CLASSES, 800, random(1));
    assertArrayEquals(order, shift.order(POOL, CLASSES, 800, random(1)));
    assertFalse(Arrays.equals(order, shift.order(POOL, CLASSES, 800, random(2))));
  }

  /** In short streams classes are missing, and all chunks may be full before the last class. */
  @Test
  void shortDirichletStreamsEnd() {
    DirichletOrder shift = new DirichletOrder(0.1);
    for (int n = 1; n <= 30; n++) {
      for (int seed = 0; seed < 50; seed++) {
        assertEquals(n, distinct(shift.order(POOL, CLASSES, n, random(seed))).size());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("shifts")
  void drawIsEvenOverThePool(LabelShift shift) {
    long inFirstHalf = 0;
    long all = 0;
    for (int seed = 0; seed < 20; seed++) {
      int[] order = shift.order(POOL, CLASSES, 500, random(seed));
      inFirstHalf += Arrays.stream(order).filter(i -> i < POOL.length / 2).count();
      all += order.length;
    }
    assertEquals(0.5, inFirstHalf / (double) all, 0.02);
  }

  @ParameterizedTest
  @MethodSource("shifts")
  void refusesBadArguments(LabelShift shift) {
    assertRefused(() -> shift.order(POOL, CLASSES, 5001, random(1)), "pool's 5000");
    assertRefused(() -> shift.order(POOL, CLASSES, -1, random(1)), "found -1");
    assertRefused(() -> shift.order(new int[0], CLASSES, 0, random(1)), "at least 1");
    assertRefused(() -> shift.order(POOL, 9, 0, random(1)), "sample 9: expected a label from 0 to");
    assertRefused(() -> shift.order(new int[] {0, -1}, 2, 0, random(1)), "found -1");
  }

  @Test
  void refusesBadParameters() {
    assertRefused(() -> new ClassBlocks(0), "block-classes: expected 1 or more, found 0");
    assertRefused(() -> new LongTailed(0.5, LongTailed.Direction.FORWARD), "found 0.5");
    assertRefused(() -> new LongTailed(Double.NaN, LongTailed.Direction.FORWARD), "found NaN");
    assertRefused(() -> new DirichletOrder(0), "concentration: expected a finite number");
    assertRefused(() -> new DirichletOrder(Double.POSITIVE_INFINITY), "found Infinity");
  }

  @ParameterizedTest
  @CsvSource({"1, 10", "2, 5", "3, 4", "10, 1", "2147483647, 1"})
  void blocksKeepTheirClassesTogether(int blockClasses, int blocks) {
    int[] labels = labels(new ClassBlocks(blockClasses).order(POOL, CLASSES, 0, random(3)));
    int start = 0;
    Set<Integer> seen = new HashSet<>();
    for (int block = 0; block < blocks; block++) {
      int classes = Math.min(blockClasses, CLASSES - block * Math.min(blockClasses, CLASSES));
      Set<Integer> here = distinct(Arrays.copyOfRange(labels, start, start + classes * 500));
      assertEquals(classes, here.size());
      assertTrue(here.stream().allMatch(seen::add), "a class in two blocks");
      start += classes * 500;
    }
    assertEquals(POOL.length, start);
  }

  @Test
  void blocksOfOneClassAreSorted() {
    assertEquals(CLASSES, runs(new ClassBlocks(1).order(POOL, CLASSES, 0, random(4))));
    assertEquals(CLASSES, runs(new ClassBlocks(1).order(POOL, CLASSES, 700, random(4))));
    // A block of two is shuffled inside: about half of its 1000 neighbours differ.
    assertEquals(2500, runs(new ClassBlocks(2).order(POOL, CLASSES, 0, random(4))), 150);
  }

  @Test
  void dirichletMakesLongRuns() {
    int shuffled = runs(new EvenShuffle().order(POOL, CLASSES, 0, random(5)));
    assertEquals(4500, shuffled, 100);
    int mild = runs(new DirichletOrder(10).order(POOL, CLASSES, 0, random(5)));
    int strong = runs(new DirichletOrder(0.1).order(POOL, CLASSES, 0, random(5)));
    assertTrue(mild <= 100, "runs: at most one for each class in each chunk, found " + mild);
    assertTrue(strong * 2 < mild, "mild " + mild + ", strong " + strong);
  }

  @ParameterizedTest
  @CsvSource({"10, 0.001", "10, 0.01", "10, 1", "2, 0.01", "100, 0.1", "100, 0.01", "1, 0.1"})
  void dirichletFindsAnOrder(int classes, double concentration) {
    UniformRandomProvider random = random(6);
    int[] pool = random.ints(6000, 0, classes).toArray();
    int[] order = new DirichletOrder(concentration).order(pool, classes, 5000, random);
    assertEquals(5000, distinct(order).size());
  }

  @Test
  void dirichletServesSmallPoolsAndEmptyClasses() {
    int[] pool = {3, 0, 3, 0, 0, 3, 7};
    assertEquals(7, distinct(new DirichletOrder(0.5).order(pool, 8, 0, random(7))).size());
    assertEquals(1, new DirichletOrder(0.5).order(pool, 8, 1, random(7)).length);
  }

  @Test
  void dirichletThatCannotBeIsAnError() {
    int[] pool = IntStream.range(0, 4000).map(i -> i < 3000 ? 0 : i % 40).toArray();
    assertRefused(
        () -> new DirichletOrder(0.001).order(pool, 40, 0, random(8)),
        "label shift dirichlet: expected 40 chunks of 10 samples or more, found none");
  }

  @Test
  void longTailFollowsTheFormula() {
    int[] counts = counts(new LongTailed(100, LongTailed.Direction.FORWARD), 0);
    int[] expected =
        IntStream.range(0, CLASSES)
            .map(c -> (int) (500 * Math.pow(100, -c / 9.0) + 1e-9))
            .toArray();
    assertArrayEquals(expected, counts);
    assertEquals(5, counts[9]);
    int[] backward = counts(new LongTailed(100, LongTailed.Direction.BACKWARD), 0);
    assertArrayEquals(expected, IntStream.range(0, 10).map(c -> backward[9 - c]).toArray());
    int[] random = counts(new LongTailed(100, LongTailed.Direction.RANDOM), 0);
    assertFalse(Arrays.equals(expected, random));
    assertArrayEquals(
        Arrays.stream(expected).sorted().toArray(), Arrays.stream(random).sorted().toArray());
  }

  @Test
  void longTailIsAsLongAsWantedOrAsThePoolPermits() {
    LongTailed tail = new LongTailed(10, LongTailed.Direction.FORWARD);
    assertEquals(1000, Arrays.stream(counts(tail, 1000)).sum(), CLASSES);
    assertTrue(Arrays.stream(counts(tail, 1000)).sum() <= 1000);
    assertEquals(500, counts(tail, 5000)[0]);
    int[] flat = counts(new LongTailed(1, LongTailed.Direction.FORWARD), 5000);
    assertTrue(Arrays.stream(flat).allMatch(c -> c == 500), Arrays.toString(flat));
    assertRefused(
        () -> tail.order(POOL, CLASSES, 2, random(1)), "a tail of 10 classes, found 2 wanted");
  }

  @Test
  void longTailHasNoTimeOrder() {
    int[] order = new LongTailed(1, LongTailed.Direction.FORWARD).order(POOL, 10, 0, random(9));
    assertEquals(4500, runs(order), 100);
  }

  private static int[] counts(LongTailed tail, int n) {
    int[] counts = new int[CLASSES];
    for (int label : labels(tail.order(POOL, CLASSES, n, random(10)))) {
      counts[label]++;
    }
    return counts;
  }

  private static int[] labels(int[] order) {
    return Arrays.stream(order).map(i -> POOL[i]).toArray();
  }

  private static int runs(int[] order) {
    int[] labels = labels(order);
    return 1
        + (int) IntStream.range(1, labels.length).filter(i -> labels[i] != labels[i - 1]).count();
  }

  private static Set<Integer> distinct(int[] values) {
    Set<Integer> set = new HashSet<>();
    Arrays.stream(values).forEach(set::add);
    return set;
  }

  private static UniformRandomProvider random(long seed) {
    return SeedTree.of(seed).generator();
  }

  private static void assertRefused(Runnable action, String text) {
    String message = assertThrows(AcclimateException.class, action::run).getMessage();
    assertTrue(message.contains(text), message);
  }
}

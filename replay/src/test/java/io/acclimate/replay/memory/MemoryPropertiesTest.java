package io.acclimate.replay.memory;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import io.acclimate.replay.event.BatchObserved;
import io.acclimate.replay.event.FloatArray;
import io.acclimate.replay.event.MethodReset;
import io.acclimate.replay.journal.InMemoryJournal;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.SeedTree;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.apache.commons.rng.UniformRandomProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MemoryPropertiesTest {
  /** The 99.9th percentiles of chi-square with 19 and 59 degrees of freedom. */
  private static final double CHI_SQUARE_19 = 43.82;

  private static final double CHI_SQUARE_59 = 98.32;

  private static RehearsalMemory create(MemorySettings.Policy policy, int samples, long bytes) {
    String text =
        "policy = %s, max-samples = %d, max-bytes = %d"
            .formatted(policy.name().toLowerCase(Locale.ROOT).replace('_', '-'), samples, bytes);
    return MemorySettings.of(ConfigFactory.parseString(text)).create(SeedTree.of(5));
  }

  private static Exemplar random(UniformRandomProvider random, long record, int dimension) {
    float[] values = new float[dimension];
    for (int j = 0; j < values.length; j++) {
      values[j] = random.nextFloat() - 0.5f;
    }
    // Later classes are rarer.
    int label = Math.min(random.nextInt(5), random.nextInt(5));
    return new Exemplar(record, 0, label, 0.1 + random.nextDouble(), values);
  }

  @ParameterizedTest
  @EnumSource(MemorySettings.Policy.class)
  void capacityHoldsAfterEachOffer(MemorySettings.Policy policy) {
    UniformRandomProvider random = SeedTree.of(1).generator();
    boolean sameSize = policy == MemorySettings.Policy.HERDING;
    RehearsalMemory memory = create(policy, 30, 2500);
    for (int i = 0; i < 500; i++) {
      memory.offer(random(random, i, sameSize ? 16 : 1 + random.nextInt(40)));
      assertTrue(memory.size() <= 30 && memory.size() > 0);
      long bytes = memory.contents().stream().mapToLong(Exemplar::bytes).sum();
      assertEquals(bytes, memory.bytes());
      assertTrue(bytes <= 2500, "bytes: " + bytes);
      assertEquals(memory.size(), new HashSet<>(memory.contents()).size());
    }
    assertEquals(500, memory.offered());
    List<Exemplar> drawn = memory.draw(5);
    assertEquals(5, new HashSet<>(drawn).size());
    assertTrue(memory.contents().containsAll(drawn));
    assertEquals(memory.size(), new HashSet<>(memory.draw(1000)).size());
    AcclimateException refused =
        assertThrows(AcclimateException.class, () -> memory.offer(random(random, 0, 1000)));
    assertTrue(refused.getMessage().contains("at most 2500 bytes"), refused.getMessage());
  }

  @ParameterizedTest
  @EnumSource(MemorySettings.Policy.class)
  void aRestoredMemoryGoesOnAsTheOther(MemorySettings.Policy policy) {
    RehearsalMemory one = create(policy, 12, 2000);
    UniformRandomProvider random = SeedTree.of(2).generator();
    for (int i = 0; i < 100; i++) {
      one.offer(random(random, i, 8));
    }
    RehearsalMemory two = create(policy, 99, 99_999);
    two.restore(one.save());
    assertArrayEquals(one.save(), two.save());
    for (int i = 100; i < 300; i++) {
      Exemplar next = random(random, i, 8);
      one.offer(next);
      two.offer(next);
      assertEquals(one.draw(3), two.draw(3));
    }
    assertArrayEquals(one.save(), two.save());
    byte[] state = one.save();
    for (int length = 0; length < state.length; length += 7) {
      byte[] cut = Arrays.copyOf(state, length);
      assertThrows(AcclimateException.class, () -> two.restore(cut));
      assertArrayEquals(state, two.save());
    }
  }

  /** How often each of the offers ends up kept, over many seeds. */
  private static int[] kept(int trials, int offers, Function<SeedTree, RehearsalMemory> create) {
    int[] kept = new int[offers];
    for (int trial = 0; trial < trials; trial++) {
      RehearsalMemory memory = create.apply(SeedTree.of(3).child(trial));
      for (int i = 0; i < offers; i++) {
        memory.offer(new Exemplar(i, 0, i % 2, 1, new float[i % 3]));
      }
      memory.contents().forEach(e -> kept[(int) e.record()]++);
    }
    return kept;
  }

  private static double chiSquare(int[] counts) {
    double expected = Arrays.stream(counts).sum() / (double) counts.length;
    double sum = 0;
    for (int count : counts) {
      sum += (count - expected) * (count - expected) / expected;
    }
    return sum;
  }

  @Test
  void reservoirsAreUniform() {
    MemoryCapacity capacity = MemoryCapacity.ofSamples(6);
    double reservoir = chiSquare(kept(20_000, 60, seeds -> new ReservoirMemory(capacity, seeds)));
    assertTrue(reservoir < CHI_SQUARE_59, "chi-square: " + reservoir);
    double weighted =
        chiSquare(kept(20_000, 60, seeds -> new WeightedReservoirMemory(capacity, seeds)));
    assertTrue(weighted < CHI_SQUARE_59, "chi-square: " + weighted);
    double balanced =
        chiSquare(kept(20_000, 60, seeds -> new ClassBalancedMemory(capacity, seeds)));
    assertTrue(balanced < CHI_SQUARE_59, "chi-square: " + balanced);
    double ring = chiSquare(kept(100, 60, seeds -> new RingMemory(capacity, seeds)));
    assertTrue(ring > CHI_SQUARE_59, "the test can fail: " + ring);
  }

  /** Of equal sizes, a capacity in bytes is a capacity in samples. */
  @Test
  void reservoirsStayUniformWhereBytesAreTheBound() {
    MemoryCapacity bytes = new MemoryCapacity(100, 5 * 40 + 20);
    int[] kept = new int[20];
    for (int trial = 0; trial < 20_000; trial++) {
      ReservoirMemory memory = new ReservoirMemory(bytes, SeedTree.of(4).child(trial));
      for (int i = 0; i < kept.length; i++) {
        memory.offer(new Exemplar(i, 0, 0, 1, new float[0]));
      }
      assertEquals(5, memory.size());
      memory.contents().forEach(e -> kept[(int) e.record()]++);
    }
    assertTrue(chiSquare(kept) < CHI_SQUARE_19, "chi-square: " + chiSquare(kept));
  }

  /** One slot: each is kept in proportion to its weight. */
  @Test
  void heavierSamplesAreLikelier() {
    int[] kept = new int[20];
    int trials = 40_000;
    for (int trial = 0; trial < trials; trial++) {
      WeightedReservoirMemory memory =
          new WeightedReservoirMemory(MemoryCapacity.ofSamples(1), SeedTree.of(6).child(trial));
      for (int i = 0; i < kept.length; i++) {
        memory.offer(new Exemplar(i, 0, 0, 1 + i, new float[0]));
      }
      kept[(int) memory.contents().get(0).record()]++;
    }
    double sum = 0;
    for (int i = 0; i < kept.length; i++) {
      double expected = trials * (1 + i) / 210.0;
      sum += (kept[i] - expected) * (kept[i] - expected) / expected;
    }
    assertTrue(sum < CHI_SQUARE_19, "chi-square: " + sum);
  }

  @Test
  void everyClassHasItsShare() {
    RehearsalMemory memory = create(MemorySettings.Policy.CLASS_BALANCED, 20, 1 << 20);
    for (int i = 0; i < 300; i++) {
      memory.offer(new Exemplar(i, 0, i / 100, 1, new float[0]));
    }
    Map<Integer, Integer> counts = new HashMap<>();
    memory.contents().forEach(e -> counts.merge(e.label(), 1, Integer::sum));
    assertEquals(Map.of(0, 7, 1, 7, 2, 6), counts);
  }

  @Test
  void theRingHoldsTheNewest() {
    RehearsalMemory memory = create(MemorySettings.Policy.RING, 4, 1 << 20);
    for (int i = 0; i < 10; i++) {
      memory.offer(new Exemplar(i, 0, 0, 1, new float[0]));
    }
    assertEquals(
        List.of(6L, 7L, 8L, 9L), memory.contents().stream().map(Exemplar::record).toList());
  }

  @Test
  void theCurriculumGoesFromEasyToHard() {
    DifficultyMemory memory =
        new DifficultyMemory(MemoryCapacity.ofSamples(50), 0.05, 0.5, SeedTree.of(8));
    for (int i = 0; i < 50; i++) {
      memory.offer(new Exemplar(i, 0, 0, 0.1 + i / 50.0, new float[0]));
    }
    double[] means = new double[3];
    for (int step = 0; step < 3; step++) {
      memory.progress(step / 2.0);
      for (int i = 0; i < 200; i++) {
        means[step] += memory.draw(1).get(0).weight() / 200;
      }
    }
    assertTrue(means[0] < 0.4 && means[1] > 0.5 && means[1] < 0.7 && means[2] > 0.8);
    Exemplar easiest = memory.contents().get(0);
    memory.observeLoss(easiest, 10);
    memory.observeLoss(easiest, 10);
    assertEquals(0.1 + 7.5, memory.difficulties()[0], 1e-12);
    assertEquals(easiest, memory.draw(1).get(0));
  }

  @Test
  void referencesAreReadFromTheJournal() {
    try (InMemoryJournal journal = new InMemoryJournal(10)) {
      FloatArray features = FloatArray.of(new float[] {1, 2, 3, 4}, 2, 2);
      long record =
          journal.append(
              new BatchObserved(
                  "s",
                  0,
                  2,
                  true,
                  new int[0],
                  Optional.empty(),
                  Optional.empty(),
                  Optional.of(features)));
      long other = journal.append(new MethodReset("s", "test"));
      Exemplar reference = new Exemplar(record, 1, 7, 1, new float[0]);
      List<Exemplar> resolved =
          JournalExemplars.resolve(journal, List.of(reference), BatchObserved::features);
      assertArrayEquals(new float[] {3, 4}, resolved.get(0).values());
      assertEquals(resolved, JournalExemplars.resolve(journal, resolved, BatchObserved::input));
      refuse(journal, reference, BatchObserved::input, "a batch without it");
      refuse(
          journal, new Exemplar(record, 2, 7, 1, new float[0]), BatchObserved::features, "row 2");
      refuse(journal, new Exemplar(other, 0, 7, 1, new float[0]), BatchObserved::features, "found");
      journal.keepFrom(1);
      refuse(journal, reference, BatchObserved::features, "found it gone");
    }
  }

  private static void refuse(
      InMemoryJournal journal,
      Exemplar exemplar,
      Function<BatchObserved, Optional<FloatArray>> array,
      String text) {
    AcclimateException refused =
        assertThrows(
            AcclimateException.class,
            () -> JournalExemplars.resolve(journal, List.of(exemplar), array));
    assertTrue(refused.getMessage().contains(text), refused.getMessage());
  }

  @Test
  void badInputIsRefused() {
    Exemplar unlabelled = new Exemplar(0, 0, -1, 1, new float[2]);
    for (MemorySettings.Policy policy :
        List.of(
            MemorySettings.Policy.CLASS_BALANCED,
            MemorySettings.Policy.BALANCED_RESERVOIR,
            MemorySettings.Policy.HERDING)) {
      RehearsalMemory memory = create(policy, 5, 1000);
      assertThrows(AcclimateException.class, () -> memory.offer(unlabelled));
      assertEquals(0, memory.offered());
    }
    RehearsalMemory memory = create(MemorySettings.Policy.RESERVOIR, 5, 1000);
    for (double weight : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThrows(
          AcclimateException.class,
          () -> memory.offer(new Exemplar(0, 0, 0, weight, new float[0])));
    }
    AcclimateException refused =
        assertThrows(
            AcclimateException.class,
            () ->
                MemorySettings.of(
                    ConfigFactory.parseString("policy = herding, storage = references")));
    assertTrue(refused.getMessage().contains("storage = copies"), refused.getMessage());
  }
}

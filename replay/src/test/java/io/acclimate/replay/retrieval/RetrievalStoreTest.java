package io.acclimate.replay.retrieval;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.acclimate.replay.memory.Exemplar;
import io.acclimate.replay.memory.MemoryCapacity;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.SeedTree;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.commons.rng.UniformRandomProvider;
import org.junit.jupiter.api.Test;

class RetrievalStoreTest {
  private static final int D = 16;
  private final UniformRandomProvider random = SeedTree.of(1).generator();

  private float[] vector() {
    float[] values = new float[D];
    for (int j = 0; j < D; j++) {
      values[j] = random.nextFloat() - 0.5f;
    }
    return values;
  }

  private List<Exemplar> exemplars(int count) {
    List<Exemplar> exemplars = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      exemplars.add(new Exemplar(i, 0, 0, 1, vector()));
    }
    return exemplars;
  }

  private static double cosine(float[] a, float[] b) {
    double dot = 0;
    double aa = 0;
    double bb = 0;
    for (int j = 0; j < a.length; j++) {
      dot += (double) a[j] * b[j];
      aa += (double) a[j] * a[j];
      bb += (double) b[j] * b[j];
    }
    return dot / Math.sqrt(aa * bb);
  }

  @Test
  void exactSearchAgreesWithSortingAll() {
    RetrievalStore store = new RetrievalStore(MemoryCapacity.ofSamples(500));
    List<Exemplar> all = exemplars(500);
    store.replace(all);
    for (int trial = 0; trial < 20; trial++) {
      float[] query = vector();
      List<Exemplar> expected = new ArrayList<>(all);
      expected.sort(Comparator.comparingDouble(e -> -cosine(query, e.values())));
      List<Neighbour> found = store.nearest(query, 20, e -> true).neighbours();
      assertEquals(expected.subList(0, 20), found.stream().map(Neighbour::exemplar).toList());
      for (Neighbour neighbour : found) {
        assertEquals(cosine(query, neighbour.exemplar().values()), neighbour.similarity(), 1e-6);
      }
    }
  }

  @Test
  void approximateSearchFindsNearlyAll() {
    RetrievalStore store = new RetrievalStore(MemoryCapacity.ofSamples(2000));
    store.replace(exemplars(2000));
    int right = 0;
    for (int trial = 0; trial < 50; trial++) {
      float[] query = vector();
      Set<Exemplar> exact = new HashSet<>();
      store.nearest(query, 10, e -> true).neighbours().forEach(n -> exact.add(n.exemplar()));
      List<Neighbour> found = store.approximate(query, 10, e -> true).neighbours();
      assertEquals(10, found.size());
      right += (int) found.stream().filter(n -> exact.contains(n.exemplar())).count();
    }
    assertTrue(right >= 490, "right: " + right + " of 500");
  }

  @Test
  void theQueryItselfCanBeLeftOut() {
    RetrievalStore store = new RetrievalStore(MemoryCapacity.ofSamples(50));
    List<Exemplar> all = exemplars(50);
    store.replace(all);
    Exemplar query = all.get(7);
    assertEquals(query, store.nearest(query.values(), 1, e -> true).neighbours().get(0).exemplar());
    for (List<Neighbour> found :
        List.of(
            store.nearest(query.values(), 49, e -> !e.isSameSample(query)).neighbours(),
            store.approximate(query.values(), 49, e -> !e.isSameSample(query)).neighbours())) {
      assertEquals(49, found.size());
      assertTrue(found.stream().noneMatch(n -> n.exemplar().equals(query)));
    }
  }

  @Test
  void equalDirectionsComeInTheOrderOfStoring() {
    RetrievalStore store = new RetrievalStore(MemoryCapacity.ofSamples(10));
    List<Exemplar> twins = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      twins.add(new Exemplar(i, 0, 0, 1, new float[] {3, 4}));
    }
    store.replace(twins);
    assertEquals(
        twins.subList(0, 4),
        store.nearest(new float[] {3, 4}, 4, e -> true).neighbours().stream()
            .map(Neighbour::exemplar)
            .toList());
  }

  @Test
  void aNewVersionTakesTheOldOnesPlaceAtOnce() {
    RetrievalStore store = new RetrievalStore(MemoryCapacity.ofSamples(10));
    assertEquals(new Retrieved(0, List.of()), store.nearest(vector(), 3, e -> true));
    store.replace(exemplars(5));
    RetrievalIndex first = store.current();
    assertEquals(2, store.replace(exemplars(3)));
    assertEquals(2, store.nearest(vector(), 9, e -> true).version());
    assertEquals(3, store.nearest(vector(), 9, e -> true).neighbours().size());
    assertEquals(5, first.nearest(vector(), 9, e -> true).size());
    assertThrows(AcclimateException.class, () -> store.replace(exemplars(11)));
    assertEquals(2, store.current().version());
  }

  @Test
  void aRestoredStoreAnswersTheSame() {
    RetrievalStore one = new RetrievalStore(MemoryCapacity.ofSamples(100));
    one.replace(exemplars(100));
    RetrievalStore two = new RetrievalStore(MemoryCapacity.ofSamples(100));
    two.restore(one.save());
    float[] query = vector();
    assertEquals(one.nearest(query, 9, e -> true), two.nearest(query, 9, e -> true));
    assertEquals(one.approximate(query, 9, e -> true), two.approximate(query, 9, e -> true));
    assertArrayEquals(one.save(), two.save());
    byte[] cut = Arrays.copyOf(one.save(), 100);
    assertThrows(AcclimateException.class, () -> two.restore(cut));
    assertArrayEquals(one.save(), two.save());
  }

  @Test
  void whatHasNoDirectionIsRefused() {
    RetrievalStore store = new RetrievalStore(new MemoryCapacity(10, 100));
    for (float[] values : List.of(new float[2], new float[] {Float.NaN, 1}, new float[0])) {
      assertThrows(
          AcclimateException.class, () -> store.replace(List.of(new Exemplar(0, 0, 0, 1, values))));
    }
    assertThrows(
        AcclimateException.class,
        () -> store.replace(List.of(new Exemplar(0, 0, 0, 1, new float[50]))));
    store.replace(List.of(new Exemplar(0, 0, 0, 1, new float[] {1, 2})));
    assertThrows(
        AcclimateException.class, () -> store.nearest(new float[] {1, 2, 3}, 1, e -> true));
  }
}

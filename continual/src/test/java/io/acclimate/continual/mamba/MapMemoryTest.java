package io.acclimate.continual.mamba;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.method.MethodRegistry;
import io.acclimate.runtime.settings.SettingsReader;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class MapMemoryTest {
  private static final Set<Integer> OPEN = Set.of(2);

  /** Class 0 has the maps 0 and 2, class 1 the maps 10 and 14; class 2 is new. */
  private static MapMemory memory(String more) {
    MambaFscilSettings settings =
        MambaFscilSettings.read(
            new SettingsReader(
                ConfigFactory.parseString(more),
                MethodRegistry.defaults("mamba-fscil"),
                "mamba-fscil"));
    MapMemory memory = new MapMemory(settings, 1, 2, SeedTree.of(1));
    memory.add(new double[][] {{0}, {10}}, new int[] {0, 1}, true);
    memory.add(new double[][] {{2}, {14}}, new int[] {0, 1}, true);
    return memory;
  }

  @Test
  void meansStandForTheirClasses() {
    MapBatch step = memory("spread = 0").join(new double[][] {{7}}, new int[] {2}, OPEN, 0, 1);
    assertArrayEquals(new double[][] {{7}, {1}, {12}}, step.maps());
    assertArrayEquals(new int[] {2, 0, 1}, step.labels());
  }

  @Test
  void meansVaryAsNewSamplesDo() {
    MapMemory memory = memory("spread = 0.5");
    memory.add(new double[][] {{7}, {3}}, new int[] {2, 2}, true);
    MapBatch step = memory.join(new double[][] {{7}}, new int[] {2}, OPEN, 0, 1);
    assertArrayEquals(new double[][] {{7}, {1 + 0.5 * 2}, {12 + 0.5 * 2}}, step.maps());
  }

  /** A second pass over the same samples keeps none of them twice. */
  @Test
  void keptSamplesTakeThePlaceOfMeans() {
    MapMemory memory = memory("exemplars = 4");
    long bytes = memory.bytes();
    memory.add(new double[][] {{1000}, {1000}}, new int[] {0, 1}, false);
    assertEquals(bytes, memory.bytes());
    Set<Double> found = new TreeSet<>();
    for (int step = 0; step < 20; step++) {
      MapBatch joined = memory.join(new double[][] {{7}}, new int[] {2}, OPEN, step, 1);
      assertTrue(joined.maps()[1][0] <= 2 && joined.maps()[2][0] >= 10);
      found.add(joined.maps()[1][0]);
      found.add(joined.maps()[2][0]);
    }
    assertEquals(Set.of(0.0, 2.0, 10.0, 14.0), found);
  }

  @Test
  void theOpenTasksClassesAreNotRemembered() {
    MapBatch first = memory("").join(new double[][] {{7}}, new int[] {0}, Set.of(0, 1), 0, 0);
    assertArrayEquals(new int[] {0}, first.labels());
  }
}

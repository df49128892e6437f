package io.acclimate.replay.memory;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.SeedTree;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A reservoir that favours rare classes: a sample is also taken in when its class has fewer samples
 * than the median class, and it always takes the place of one of the largest class (Buzzega et al.,
 * "Rethinking experience replay", ICPR 2021, as released in Mammoth's {@code balancoir}, without
 * its fault of counting class 0 down while the memory fills). Invariant: the number of samples
 * never falls, and the largest class never grows while a smaller one is being added to.
 */
public final class BalancedReservoirMemory extends AbstractMemory {
  /** Creates an empty memory. */
  public BalancedReservoirMemory(MemoryCapacity capacity, SeedTree seeds) {
    this(capacity, Draws.of(seeds));
  }

  BalancedReservoirMemory(MemoryCapacity capacity, Draws draws) {
    super("balanced-reservoir", capacity, draws);
  }

  @Override
  void require(Exemplar exemplar) {
    if (exemplar.label() < 0) {
      throw new AcclimateException("memory balanced-reservoir: expected a sample with a label");
    }
  }

  @Override
  void consider(Exemplar exemplar) {
    if (slots.size() < capacity().samples()) {
      add(exemplar);
      return;
    }
    int draw = draws.below((int) Math.min(offered(), Integer.MAX_VALUE));
    Map<Integer, Integer> counts = counts();
    int own = counts.getOrDefault(exemplar.label(), 0);
    if (draw < slots.size() || own < median(counts)) {
      List<Integer> members = largest(counts);
      set(members.get(draw % members.size()), exemplar);
    }
  }

  private Map<Integer, Integer> counts() {
    Map<Integer, Integer> counts = new TreeMap<>();
    slots.forEach(exemplar -> counts.merge(exemplar.label(), 1, Integer::sum));
    return counts;
  }

  /** The lower median of the classes' sizes. */
  private static int median(Map<Integer, Integer> counts) {
    int[] sizes = counts.values().stream().mapToInt(Integer::intValue).toArray();
    Arrays.sort(sizes);
    return sizes[(sizes.length - 1) / 2];
  }

  /** The slots of the largest class; of several, the one with the lowest number. */
  private List<Integer> largest(Map<Integer, Integer> counts) {
    int label = -1;
    for (Map.Entry<Integer, Integer> entry : counts.entrySet()) {
      if (label < 0 || entry.getValue() > counts.get(label)) {
        label = entry.getKey();
      }
    }
    List<Integer> members = new ArrayList<>();
    for (int slot = 0; slot < slots.size(); slot++) {
      if (slots.get(slot).label() == label) {
        members.add(slot);
      }
    }
    return members;
  }

  @Override
  void removeForBytes() {
    List<Integer> members = largest(counts());
    remove(members.get(draws.below(members.size())));
  }
}

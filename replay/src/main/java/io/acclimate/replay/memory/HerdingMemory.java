package io.acclimate.replay.memory;

import io.acclimate.replay.codec.BodyReader;
import io.acclimate.replay.codec.BodyWriter;
import io.acclimate.replay.codec.DamagedRecordException;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.SeedTree;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * For each class the samples whose mean stays nearest to the running mean of everything offered of
 * that class, on features brought to length 1 (iCaRL's herding, Rebuffi et al., CVPR 2017, done
 * online). Invariants: with C classes seen none holds more than its share of the capacity; the
 * samples of a class stand in the order of selection, so that a smaller share keeps the best ones.
 *
 * <p>Needs copies of features, and labels.
 */
public final class HerdingMemory extends AbstractMemory {
  /** What is known of a class. */
  private static final class ClassState {
    private double[] sum;
    private long count;
    private List<Exemplar> selected = new ArrayList<>();
  }

  private final Map<Integer, ClassState> classes = new LinkedHashMap<>();

  /** Creates an empty memory; the seeds are for drawing only. */
  public HerdingMemory(MemoryCapacity capacity, SeedTree seeds) {
    super("herding", capacity, Draws.of(seeds));
  }

  @Override
  void require(Exemplar exemplar) {
    if (exemplar.label() < 0 || exemplar.values().length == 0) {
      throw new AcclimateException(
          "memory herding: expected a sample with a label and a copy of its features");
    }
    ClassState state = classes.get(exemplar.label());
    if (state != null && state.sum.length != exemplar.values().length) {
      throw new AcclimateException(
          "memory herding: expected %d features, found %d"
              .formatted(state.sum.length, exemplar.values().length));
    }
  }

  @Override
  void consider(Exemplar exemplar) {
    ClassState state = classes.computeIfAbsent(exemplar.label(), label -> new ClassState());
    double[] unit = unit(exemplar);
    state.sum = state.sum == null ? new double[unit.length] : state.sum;
    for (int j = 0; j < unit.length; j++) {
      state.sum[j] += unit[j];
    }
    state.count++;
    state.selected.add(exemplar);
    select(state, state.selected.size());
    fitShares();
  }

  private static double[] unit(Exemplar exemplar) {
    double[] row = new double[exemplar.values().length];
    for (int j = 0; j < row.length; j++) {
      row[j] = exemplar.values()[j];
    }
    return Herding.normalised(row);
  }

  /** Puts a class's samples into the order of selection and keeps so many of them. */
  private static void select(ClassState state, int keep) {
    double[][] rows = state.selected.stream().map(HerdingMemory::unit).toArray(double[][]::new);
    double[] mean = new double[state.sum.length];
    for (int j = 0; j < mean.length; j++) {
      mean[j] = state.sum[j] / state.count;
    }
    List<Exemplar> before = state.selected;
    state.selected = new ArrayList<>();
    for (int number : Herding.select(rows, mean, Math.min(keep, rows.length))) {
      state.selected.add(before.get(number));
    }
  }

  private void fitShares() {
    int[] shares = ClassBalancedMemory.shares(capacity().samples(), classes.size());
    int group = 0;
    for (ClassState state : classes.values()) {
      cut(state.selected, shares[group++]);
    }
    layOut();
  }

  private static void cut(List<Exemplar> selected, int size) {
    if (selected.size() > size) {
      selected.subList(size, selected.size()).clear();
    }
  }

  /** The slots are the classes' samples, one class after the other. */
  private void layOut() {
    while (!slots.isEmpty()) {
      remove(slots.size() - 1);
    }
    classes.values().forEach(state -> state.selected.forEach(this::add));
  }

  @Override
  void removeForBytes() {
    ClassState largest = null;
    for (ClassState state : classes.values()) {
      if (largest == null || state.selected.size() > largest.selected.size()) {
        largest = state;
      }
    }
    cut(largest.selected, largest.selected.size() - 1);
    layOut();
  }

  @Override
  void shrunk() {
    fitShares();
  }

  @Override
  void saveMore(BodyWriter out) {
    out.integer(classes.size());
    classes.forEach(
        (label, state) ->
            out.integer(label)
                .wholeNumber(state.count)
                .numbers(state.sum)
                .integer(state.selected.size()));
  }

  @Override
  Runnable readMore(BodyReader in, List<Exemplar> read) {
    Map<Integer, ClassState> restored = new LinkedHashMap<>();
    int count = in.integer();
    int from = 0;
    for (int k = 0; k < count; k++) {
      ClassState state = new ClassState();
      int label = in.integer();
      state.count = in.wholeNumber();
      state.sum = in.numbers();
      int size = in.integer();
      if (size < 0 || size > read.size() - from) {
        throw new DamagedRecordException("expected fewer samples of class " + label);
      }
      state.selected = new ArrayList<>(read.subList(from, from + size));
      from += size;
      restored.put(label, state);
    }
    return () -> {
      classes.clear();
      classes.putAll(restored);
    };
  }
}

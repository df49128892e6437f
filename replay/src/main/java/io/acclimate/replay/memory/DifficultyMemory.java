package io.acclimate.replay.memory;

import io.acclimate.replay.codec.BodyReader;
import io.acclimate.replay.codec.BodyWriter;
import io.acclimate.replay.codec.DamagedRecordException;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.SeedTree;
import java.util.ArrayList;
import java.util.List;

/**
 * A uniform reservoir that is drawn from easy to hard: RDTF's difficulty-adaptive curriculum. The
 * difficulty of a sample is a static part, known when it is offered ({@link Exemplar#weight()}),
 * and an adaptive part, the running loss under the present model. At progress p a sample of
 * difficulty d is drawn with a probability in proportion to exp(-(d - t)^2 / width), where t goes
 * from the smallest to the largest difficulty kept as p goes from 0 to 1. Invariants: contents as
 * in {@link ReservoirMemory}; expected difficulty of a draw rises with progress.
 *
 * <p>The paper gives the rule in words; the bell curve and its width are choices of this project.
 */
public final class DifficultyMemory extends AbstractMemory {
  private final double width;
  private final double lossRate;
  private final List<Double> losses = new ArrayList<>();
  private double progress;

  /**
   * Creates an empty memory.
   *
   * @param width how far from the target difficulty samples are drawn, above 0
   * @param lossRate share of a new loss in the running loss, above 0 to 1
   */
  public DifficultyMemory(MemoryCapacity capacity, double width, double lossRate, SeedTree seeds) {
    super("difficulty", capacity, Draws.of(seeds));
    if (!(width > 0) || !(lossRate > 0 && lossRate <= 1)) {
      throw new AcclimateException(
          "memory difficulty: expected a width above 0 and a loss rate in (0, 1], found %s and %s"
              .formatted(width, lossRate));
    }
    this.width = width;
    this.lossRate = lossRate;
  }

  @Override
  void consider(Exemplar exemplar) {
    if (slots.size() < capacity().samples()) {
      add(exemplar);
      losses.add(0.0);
    } else {
      int slot = draws.below((int) Math.min(offered(), Integer.MAX_VALUE));
      if (slot < slots.size()) {
        set(slot, exemplar);
        losses.set(slot, 0.0);
      }
    }
  }

  @Override
  void removeForBytes() {
    int slot = draws.below(slots.size());
    remove(slot);
    losses.remove(slot);
  }

  /**
   * Sets how far the training has come.
   *
   * @param value from 0 (easy samples) to 1 (hard samples)
   */
  public void progress(double value) {
    if (!(value >= 0 && value <= 1)) {
      throw new AcclimateException("expected a progress from 0 to 1, found " + value);
    }
    progress = value;
  }

  /** Tells the loss of a sample that was drawn; a sample that is no longer kept is ignored. */
  public void observeLoss(Exemplar exemplar, double loss) {
    for (int slot = 0; slot < slots.size(); slot++) {
      if (slots.get(slot).isSameSample(exemplar)) {
        losses.set(slot, (1 - lossRate) * losses.get(slot) + lossRate * loss);
      }
    }
  }

  /** The difficulties of the contents, in their order: static and adaptive part together. */
  public double[] difficulties() {
    double[] difficulties = new double[slots.size()];
    for (int slot = 0; slot < difficulties.length; slot++) {
      difficulties[slot] = slots.get(slot).weight() + losses.get(slot);
    }
    return difficulties;
  }

  /** Draws one by one, each by the curriculum among those left. */
  @Override
  public List<Exemplar> draw(int count) {
    double[] chances = chances();
    List<Exemplar> drawn = new ArrayList<>();
    while (drawn.size() < Math.min(count, slots.size())) {
      int slot = pick(chances);
      drawn.add(slots.get(slot));
      chances[slot] = 0;
    }
    return List.copyOf(drawn);
  }

  private double[] chances() {
    double[] chances = difficulties();
    double min = Double.POSITIVE_INFINITY;
    double max = Double.NEGATIVE_INFINITY;
    for (double difficulty : chances) {
      min = Math.min(min, difficulty);
      max = Math.max(max, difficulty);
    }
    double target = min + progress * (max - min);
    for (int slot = 0; slot < chances.length; slot++) {
      double away = chances[slot] - target;
      // Far samples keep a chance, so that any number can be drawn.
      chances[slot] = Math.max(Math.exp(-away * away / width), Double.MIN_NORMAL);
    }
    return chances;
  }

  private int pick(double[] chances) {
    double total = 0;
    for (double chance : chances) {
      total += chance;
    }
    double at = draws.uniform() * total;
    int last = -1;
    for (int slot = 0; slot < chances.length; slot++) {
      if (chances[slot] > 0) {
        last = slot;
        at -= chances[slot];
        if (at < 0) {
          return slot;
        }
      }
    }
    return last;
  }

  @Override
  void saveMore(BodyWriter out) {
    out.number(progress).numbers(losses.stream().mapToDouble(Double::doubleValue).toArray());
  }

  @Override
  Runnable readMore(BodyReader in, List<Exemplar> read) {
    double savedProgress = in.number();
    double[] saved = in.numbers();
    if (saved.length != read.size()) {
      throw new DamagedRecordException(
          "expected %d losses, found %d".formatted(read.size(), saved.length));
    }
    return () -> {
      progress = savedProgress;
      losses.clear();
      for (double loss : saved) {
        losses.add(loss);
      }
    };
  }
}

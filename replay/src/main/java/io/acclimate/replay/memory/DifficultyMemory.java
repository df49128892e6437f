package io.acclimate.replay.memory;

import io.acclimate.replay.codec.BodyReader;
import io.acclimate.replay.codec.BodyWriter;
import io.acclimate.replay.codec.DamagedRecordException;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.SeedTree;
import java.util.ArrayList;
import java.util.List;

/**
 * A uniform reservoir that is drawn from easy to hard by a {@link Curriculum}. The difficulty of a
 * sample is a static part, known when it is offered ({@link Exemplar#weight()}), and an adaptive
 * part, the running loss under the present model. Invariants: contents as in {@link
 * ReservoirMemory}; expected difficulty of a draw rises with progress.
 */
public final class DifficultyMemory extends AbstractMemory {
  private final Curriculum curriculum;
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
    this.curriculum = new Curriculum(width);
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
    double[] chances = curriculum.chances(difficulties(), progress);
    List<Exemplar> drawn = new ArrayList<>();
    while (drawn.size() < Math.min(count, slots.size())) {
      int slot = Curriculum.pick(chances, draws::uniform);
      drawn.add(slots.get(slot));
      chances[slot] = 0;
    }
    return List.copyOf(drawn);
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

package io.acclimate.continual.mamba;

import io.acclimate.bank.statistics.ClassStatistics;
import io.acclimate.bank.statistics.StatisticsSettings;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.state.StateReader;
import io.acclimate.runtime.state.StateWriter;
import io.acclimate.runtime.state.Stateful;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;

/**
 * What is remembered of each class: the mean of its token maps, and the maps of some samples where
 * there is room for them. Not thread-safe.
 */
final class MapMemory implements Stateful {
  private final double spread;
  private final int rows;
  private final SeedTree seeds;
  private final ClassStatistics means;
  private final KeptMaps kept;

  /**
   * Remembers nothing yet.
   *
   * @param size the numbers of a map
   * @param rows of earlier classes in a step
   */
  MapMemory(MambaFscilSettings settings, int size, int rows, SeedTree seeds) {
    this.spread = settings.spread();
    this.rows = rows;
    this.seeds = seeds;
    this.means = new ClassStatistics(StatisticsSettings.MEANS, size);
    this.kept = new KeptMaps(settings.exemplars(), seeds.child("exemplars"));
  }

  /**
   * Remembers samples.
   *
   * @param areNew whether they were not added before
   */
  void add(double[][] maps, int[] labels, boolean areNew) {
    for (int row = 0; row < labels.length; row++) {
      means.add(labels[row], maps[row]);
      if (areNew) {
        kept.offer(maps[row], labels[row]);
      }
    }
  }

  /**
   * Joins samples with maps of classes of earlier tasks, one class after the other from step to
   * step: a sample that was kept, else the mean.
   *
   * @param open the classes of the open task
   * @param step of the task, from 0
   */
  MapBatch join(double[][] maps, int[] labels, Collection<Integer> open, long step, int task) {
    List<Integer> earlier = new ArrayList<>(means.labels());
    earlier.removeAll(open);
    int remembered = earlier.isEmpty() ? 0 : rows;
    double[][] allMaps = Arrays.copyOf(maps, maps.length + remembered);
    int[] allLabels = Arrays.copyOf(labels, allMaps.length);
    KeptMaps.Draw draw = kept.draw(seeds.child("kept").child(task).child(step));
    for (int i = 0; i < remembered; i++) {
      int label = earlier.get((int) ((step * rows + i) % earlier.size()));
      int like = i % maps.length;
      allMaps[maps.length + i] =
          draw.of(label).orElseGet(() -> spread(means.of(label).mean(), maps[like], labels[like]));
      allLabels[maps.length + i] = label;
    }
    return new MapBatch(allMaps, allLabels, new int[0]);
  }

  /**
   * A mean map that varies like a sample does about the mean of its own class. A second branch that
   * met bare means only would tell them from samples instead of classes from each other.
   */
  private double[] spread(double[] mean, double[] sample, int label) {
    if (spread > 0 && means.labels().contains(label)) {
      double[] own = means.of(label).mean();
      for (int i = 0; i < mean.length; i++) {
        mean[i] += spread * (sample[i] - own[i]);
      }
    }
    return mean;
  }

  /** The bytes of means and samples. */
  long bytes() {
    return means.bytes() + kept.bytes();
  }

  @Override
  public void save(StateWriter out) {
    out.put("means", means);
    out.put("kept", kept);
  }

  @Override
  public void load(StateReader in) {
    in.get("means", means);
    in.get("kept", kept);
  }
}

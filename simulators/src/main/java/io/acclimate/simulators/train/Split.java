package io.acclimate.simulators.train;

import io.acclimate.runtime.SeedTree;
import io.acclimate.simulators.data.Labels;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.rng.sampling.ListSampler;

/**
 * Which samples are learned and which judge; each class is split by itself.
 *
 * @param training the samples to learn
 * @param heldOut the samples that judge
 */
public record Split(int[] training, int[] heldOut) {
  /**
   * Draws a split.
   *
   * @param share of each class that is held out, at least one sample where a class has two
   */
  public static Split of(Labels labels, double share, SeedTree seeds) {
    List<Integer> training = new ArrayList<>();
    List<Integer> heldOut = new ArrayList<>();
    for (int c = 0; c < labels.classes(); c++) {
      List<Integer> samples = new ArrayList<>();
      for (int i = 0; i < labels.size(); i++) {
        if (labels.get(i) == c) {
          samples.add(i);
        }
      }
      ListSampler.shuffle(seeds.child(c).generator(), samples);
      int out = samples.size() < 2 ? 0 : Math.max(1, (int) Math.round(share * samples.size()));
      heldOut.addAll(samples.subList(0, out));
      training.addAll(samples.subList(out, samples.size()));
    }
    return new Split(array(training), array(heldOut));
  }

  private static int[] array(List<Integer> values) {
    return values.stream().mapToInt(Integer::intValue).toArray();
  }
}

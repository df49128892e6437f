package io.acclimate.simulators.tasks;

import io.acclimate.runtime.SeedTree;
import io.acclimate.simulators.tasks.ContinualScenario.Boundaries;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.apache.commons.rng.UniformRandomProvider;
import org.apache.commons.rng.sampling.ArraySampler;
import org.apache.commons.rng.sampling.ListSampler;

/**
 * The order in which items arrive.
 *
 * @param items all items that are learned from, labelled or not, each once
 * @param ends samples up to the end of each task
 * @param fades samples up to where each task begins to give way to the next; its end where it does
 *     not
 */
record TaskStream(int[] items, int[] ends, int[] fades) {

  /**
   * Puts tasks one behind the other.
   *
   * @param tasks the items of each
   * @param blur the share of a task's items that boundaries touch, 0 to 0.5
   */
  static TaskStream of(List<int[]> tasks, Boundaries boundaries, double blur, SeedTree seeds) {
    List<int[]> shuffled = new ArrayList<>();
    for (int task = 0; task < tasks.size(); task++) {
      int[] items = tasks.get(task).clone();
      ArraySampler.shuffle(seeds.child("stream").child(task).generator(), items);
      shuffled.add(items);
    }
    int[] ends = new int[tasks.size()];
    int end = 0;
    for (int task = 0; task < ends.length; task++) {
      end += tasks.get(task).length;
      ends[task] = end;
    }
    UniformRandomProvider random = seeds.child("blur").generator();
    return switch (boundaries) {
      case SHARP -> new TaskStream(joined(shuffled), ends, ends);
      case BLURRY -> new TaskStream(joined(traded(shuffled, blur, random)), ends, ends);
      case NONE -> fading(shuffled, ends, blur, random);
    };
  }

  private static int[] joined(List<int[]> tasks) {
    return tasks.stream().flatMapToInt(Arrays::stream).toArray();
  }

  /** The last items of each task go into a pool and are dealt out anew. */
  private static List<int[]> traded(List<int[]> tasks, double blur, UniformRandomProvider random) {
    List<Integer> pool = new ArrayList<>();
    for (int[] items : tasks) {
      for (int i = items.length - touched(items, blur); i < items.length; i++) {
        pool.add(items[i]);
      }
    }
    ListSampler.shuffle(random, pool);
    int dealt = 0;
    for (int[] items : tasks) {
      for (int i = items.length - touched(items, blur); i < items.length; i++) {
        items[i] = pool.get(dealt++);
      }
    }
    return tasks;
  }

  private static int touched(int[] items, double blur) {
    return (int) Math.round(blur * items.length);
  }

  /**
   * Around each boundary the old task becomes rarer, and the new one more frequent, in proportion
   * to the time gone by.
   */
  private static TaskStream fading(
      List<int[]> tasks, int[] ends, double blur, UniformRandomProvider random) {
    int[] items = joined(tasks);
    int[] fades = ends.clone();
    for (int task = 0; task + 1 < ends.length; task++) {
      int from = ends[task] - touched(tasks.get(task), blur);
      int to = ends[task] + touched(tasks.get(task + 1), blur);
      record Arrival(int item, double time) {}
      List<Arrival> arrivals = new ArrayList<>();
      for (int i = from; i < to; i++) {
        double draw = Math.sqrt(random.nextDouble());
        arrivals.add(new Arrival(items[i], i < ends[task] ? 1 - draw : draw));
      }
      arrivals.sort(Comparator.comparingDouble(Arrival::time));
      for (int i = from; i < to; i++) {
        items[i] = arrivals.get(i - from).item();
      }
      fades[task] = from;
    }
    return new TaskStream(items, ends, fades);
  }
}

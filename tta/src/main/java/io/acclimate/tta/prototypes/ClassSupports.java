package io.acclimate.tta.prototypes;

import io.acclimate.runtime.state.StateReader;
import io.acclimate.runtime.state.StateWriter;
import io.acclimate.runtime.state.Stateful;
import java.util.Arrays;

/** The supports of one class: the directions of the samples with the lowest entropy. */
final class ClassSupports implements Stateful {
  private static final double MIN_NORM = 1e-12;

  private final int size;
  private final double[] entropies;
  private final double[] directions;
  private int count;

  ClassSupports(int capacity, int size) {
    this.size = size;
    entropies = new double[capacity];
    directions = new double[capacity * size];
  }

  /** Takes a sample in when there is room or it beats the least sure; of equals the older stays. */
  void offer(double[] features, int from, double entropy) {
    int at = count;
    if (count == entropies.length) {
      at = 0;
      for (int i = 1; i < count; i++) {
        at = entropies[i] > entropies[at] ? i : at;
      }
      if (entropy >= entropies[at]) {
        return;
      }
    } else {
      count++;
    }
    entropies[at] = entropy;
    double squares = 0;
    for (int f = 0; f < size; f++) {
      squares += features[from + f] * features[from + f];
    }
    double norm = Math.max(Math.sqrt(squares), MIN_NORM);
    for (int f = 0; f < size; f++) {
      directions[at * size + f] = features[from + f] / norm;
    }
  }

  /** Writes the mean direction with length 1; zeros when there is no support. */
  void direction(double[] target, int to) {
    Arrays.fill(target, to, to + size, 0);
    for (int i = 0; i < count; i++) {
      for (int f = 0; f < size; f++) {
        target[to + f] += directions[i * size + f];
      }
    }
    double squares = 0;
    for (int f = 0; f < size; f++) {
      squares += target[to + f] * target[to + f];
    }
    double norm = Math.max(Math.sqrt(squares), MIN_NORM);
    for (int f = 0; f < size; f++) {
      target[to + f] /= norm;
    }
  }

  void clear() {
    count = 0;
  }

  @Override
  public void save(StateWriter out) {
    out.putDoubles("entropies", Arrays.copyOf(entropies, count));
    out.putDoubles("directions", Arrays.copyOf(directions, count * size));
  }

  @Override
  public void load(StateReader in) {
    double[] loaded = in.getDoubles("entropies");
    double[] loadedDirections = in.getDoubles("directions", loaded.length * size);
    count = Math.min(loaded.length, entropies.length);
    System.arraycopy(loaded, 0, entropies, 0, count);
    System.arraycopy(loadedDirections, 0, directions, 0, count * size);
  }
}

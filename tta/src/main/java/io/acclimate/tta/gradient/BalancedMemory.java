package io.acclimate.tta.gradient;

import io.acclimate.runtime.DType;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.state.StateReader;
import io.acclimate.runtime.state.StateWriter;
import io.acclimate.runtime.state.Stateful;
import java.util.ArrayList;
import java.util.List;

/**
 * RoTTA's memory: timely and certain samples, balanced over the classes they are taken for. Yuan et
 * al., Robust Test-Time Adaptation in Dynamic Scenarios, CVPR 2023, arXiv 2303.13899.
 *
 * <p>A sample's score is its age, 1 / (1 + exp(-age / capacity)), plus its entropy relative to a
 * uniform answer's; the sample with the highest score goes when room is needed, if the new one's is
 * lower. Not thread-safe.
 */
final class BalancedMemory implements Stateful {
  private final int capacity;
  private final List<List<Item>> classes = new ArrayList<>();

  /** One sample: its raw bytes, entropy in nats, and age in samples. */
  private static final class Item {
    private final byte[] sample;
    private final double entropy;
    private int age;

    Item(byte[] sample, double entropy, int age) {
      this.sample = sample;
      this.entropy = entropy;
      this.age = age;
    }
  }

  /** An empty memory. */
  BalancedMemory(int capacity, int classes) {
    this.capacity = capacity;
    for (int c = 0; c < classes; c++) {
      this.classes.add(new ArrayList<>());
    }
  }

  /**
   * Offers a sample; all samples become one older.
   *
   * @param label the class it is taken for
   * @param entropy of its answer, in nats
   */
  void add(byte[] sample, int label, double entropy) {
    Item offered = new Item(sample, entropy, 0);
    if (makeRoom(label, score(offered))) {
      classes.get(label).add(offered);
    }
    classes.forEach(items -> items.forEach(item -> item.age++));
  }

  private boolean makeRoom(int label, double score) {
    if (classes.get(label).size() >= capacity / (double) classes.size()) {
      return removeWorst(List.of(classes.get(label)), score);
    }
    return size() < capacity || removeWorst(largestClasses(), score);
  }

  private List<List<Item>> largestClasses() {
    int largest = classes.stream().mapToInt(List::size).max().orElse(0);
    return classes.stream().filter(items -> items.size() == largest).toList();
  }

  /** Removes the sample with the highest score, the last of equals, if it is above a score. */
  private boolean removeWorst(List<List<Item>> from, double score) {
    List<Item> worstClass = null;
    int worst = -1;
    double highest = Double.NEGATIVE_INFINITY;
    for (List<Item> items : from) {
      for (int i = 0; i < items.size(); i++) {
        double found = score(items.get(i));
        if (found >= highest) {
          highest = found;
          worst = i;
          worstClass = items;
        }
      }
    }
    if (worstClass == null) {
      return true;
    }
    if (highest > score) {
      worstClass.remove(worst);
      return true;
    }
    return false;
  }

  private double score(Item item) {
    return 1 / (1 + Math.exp(-item.age / (double) capacity))
        + item.entropy / Math.log(classes.size());
  }

  /** The number of samples. */
  int size() {
    return classes.stream().mapToInt(List::size).sum();
  }

  /** The age of each sample relative to the capacity, class by class. */
  double[] ages() {
    return classes.stream()
        .flatMap(List::stream)
        .mapToDouble(item -> item.age / (double) capacity)
        .toArray();
  }

  /** The samples, class by class. */
  List<byte[]> samples() {
    return classes.stream().flatMap(List::stream).map(item -> item.sample).toList();
  }

  /** Forgets everything. */
  void clear() {
    classes.forEach(List::clear);
  }

  @Override
  public void save(StateWriter out) {
    for (int c = 0; c < classes.size(); c++) {
      List<Item> items = classes.get(c);
      StateWriter part = out.child("class-" + c);
      part.putDoubles("entropies", items.stream().mapToDouble(item -> item.entropy).toArray());
      part.putInts("ages", items.stream().mapToInt(item -> item.age).toArray());
      for (int i = 0; i < items.size(); i++) {
        byte[] sample = items.get(i).sample;
        part.putTensor("sample-" + i, Tensor.ofBytes(DType.UINT8, sample, sample.length));
      }
    }
  }

  @Override
  public void load(StateReader in) {
    for (int c = 0; c < classes.size(); c++) {
      StateReader part = in.child("class-" + c);
      double[] entropies = part.getDoubles("entropies");
      int[] ages = part.getInts("ages", entropies.length);
      List<Item> loaded = new ArrayList<>();
      for (int i = 0; i < ages.length; i++) {
        byte[] sample = part.getTensor("sample-" + i).toByteArray();
        loaded.add(new Item(sample, entropies[i], ages[i]));
      }
      classes.get(c).clear();
      classes.get(c).addAll(loaded);
    }
  }
}

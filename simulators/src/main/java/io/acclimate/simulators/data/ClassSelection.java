package io.acclimate.simulators.data;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.text.Names;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Takes some classes of a dataset and numbers them anew. Stateless, safe for all threads. */
public final class ClassSelection {
  private ClassSelection() {}

  /**
   * The samples of some classes, in their order.
   *
   * @param classes names of classes in the order of their new numbers, no name twice; empty for all
   *     classes as they are
   * @throws AcclimateException if a class is unknown or none of them has a sample
   */
  public static Dataset of(Dataset data, List<String> classes) {
    if (classes.isEmpty()) {
      return data;
    }
    int[] samples = samples(data, classes);
    return new SelectedDataset(data, samples, labels(data, samples, classes));
  }

  /**
   * The texts of some classes, in their order.
   *
   * @param classes as for tensors
   * @throws AcclimateException if a class is unknown or none of them has a sample
   */
  public static TextDataset of(TextDataset data, List<String> classes) {
    if (classes.isEmpty()) {
      return data;
    }
    int[] samples = samples(data, classes);
    List<String> texts = Arrays.stream(samples).mapToObj(data::text).toList();
    return new TextDataset(data.source(), texts, labels(data, samples, classes));
  }

  private static int[] samples(Labelled data, List<String> classes) {
    for (String name : classes) {
      if (!data.classNames().contains(name)) {
        throw new AcclimateException(
            "%s: unknown class '%s'%s"
                .formatted(data.source(), name, Names.suggestion(name, data.classNames())));
      }
    }
    return IntStream.range(0, data.size())
        .filter(index -> classes.contains(data.classNames().get(data.label(index))))
        .toArray();
  }

  private static Labels labels(Labelled data, int[] samples, List<String> classes) {
    int[] labels =
        Arrays.stream(samples)
            .map(index -> classes.indexOf(data.classNames().get(data.label(index))))
            .toArray();
    return new Labels(data.source(), labels, classes);
  }
}

package io.acclimate.simulators.data;

import io.acclimate.runtime.AcclimateException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** The class of every sample of a dataset. Immutable, safe for all threads. */
public final class Labels {
  /** More classes than this are taken for a mistake, such as a column of identifiers. */
  public static final int MAX_CLASSES = 100_000;

  private final int[] values;
  private final List<String> names;

  /**
   * Checks and copies the labels.
   *
   * @param source where they come from, for error messages
   * @param values one class per sample, each from 0 to classes - 1
   * @param names the name of every class; empty for {@code "0"} up to the highest label
   * @throws AcclimateException if there are no labels or one is out of range
   */
  public Labels(String source, int[] values, List<String> names) {
    if (values.length == 0) {
      throw new AcclimateException(source + ": expected at least one sample, found none");
    }
    int limit = names.isEmpty() ? MAX_CLASSES : names.size();
    for (int i = 0; i < values.length; i++) {
      if (values[i] < 0 || values[i] >= limit) {
        throw new AcclimateException(
            String.format(
                "%s: sample %d: expected a label from 0 to %d, found %d",
                source, i, limit - 1, values[i]));
      }
    }
    this.values = values.clone();
    this.names = names.isEmpty() ? numbers(values) : List.copyOf(names);
  }

  /** The number of samples. */
  public int size() {
    return values.length;
  }

  /** The class of a sample, from 0 to {@link #classes()} - 1. */
  public int get(int index) {
    return values[index];
  }

  /** The classes of all samples; the caller's own copy. */
  public int[] toArray() {
    return values.clone();
  }

  /** The number of classes; some may have no sample. */
  public int classes() {
    return names.size();
  }

  /** The names of the classes, by label. */
  public List<String> names() {
    return names;
  }

  private static List<String> numbers(int[] values) {
    int highest = Arrays.stream(values).max().getAsInt();
    return IntStream.rangeClosed(0, highest).mapToObj(Integer::toString).toList();
  }

  /** Checks that there is one label for each sample. */
  void requireSize(String source, long samples) {
    if (samples != values.length) {
      throw new AcclimateException(
          String.format(
              "%s: expected as many labels as samples, found %d samples and %d labels",
              source, samples, values.length));
    }
  }
}

package io.acclimate.simulators.data;

import java.util.List;

/** Samples with labels, whatever a sample is. Immutable, safe for all threads. */
public sealed interface Labelled permits Dataset, TextDataset {
  /** Where the samples come from, such as the file's path; for reports and error messages. */
  String source();

  /** The labels of all samples. */
  Labels labels();

  /** The number of samples, at least 1. */
  default int size() {
    return labels().size();
  }

  /** The class of a sample, from 0 to {@link #classes()} - 1. */
  default int label(int index) {
    return labels().get(index);
  }

  /** The number of classes; some may have no sample. */
  default int classes() {
    return labels().classes();
  }

  /** The names of the classes, by label. */
  default List<String> classNames() {
    return labels().names();
  }
}

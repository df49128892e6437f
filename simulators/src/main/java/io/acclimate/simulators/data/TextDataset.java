package io.acclimate.simulators.data;

import io.acclimate.runtime.AcclimateException;
import java.util.List;

/**
 * Texts with labels. Immutable, safe for all threads.
 *
 * @param source where the texts come from
 * @param texts the samples
 * @param labels one for each text
 */
public record TextDataset(String source, List<String> texts, Labels labels) implements Labelled {
  /**
   * Copies the list.
   *
   * @throws AcclimateException if the numbers of texts and labels differ
   */
  public TextDataset {
    texts = List.copyOf(texts);
    labels.requireSize(source, texts.size());
  }

  /** One text, with an index from 0 to {@link #size()} - 1. */
  public String text(int index) {
    return texts.get(index);
  }
}

package io.acclimate.simulators.scenario;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.simulators.data.ClassSelection;
import io.acclimate.simulators.data.CsvReader;
import io.acclimate.simulators.data.Dataset;
import io.acclimate.simulators.data.IdxReader;
import io.acclimate.simulators.data.ImageLayout;
import io.acclimate.simulators.data.NpyDataset;
import io.acclimate.simulators.data.TextDataset;
import java.nio.file.Path;
import java.util.List;

/**
 * Where the samples of a scenario come from.
 *
 * @param format the files' format
 * @param path the samples
 * @param labels the labels; null for tables
 * @param classNames names of the classes; empty: their numbers
 * @param classes the classes to take, in the order of their new numbers; empty: all
 * @param labelColumn CSV: the column with the labels
 * @param layout NPY images: where the channels stand
 */
public record DataSource(
    Format format,
    Path path,
    Path labels,
    List<String> classNames,
    List<String> classes,
    String labelColumn,
    ImageLayout layout) {

  /** The formats of data files. */
  public enum Format {
    /** The files of MNIST and Fashion-MNIST. */
    IDX,
    /** Features and labels in one table. */
    CSV,
    /** NumPy arrays. */
    NPY,
    /** Texts and labels in one table. */
    TEXT
  }

  /** Reads samples that are tensors. */
  public Dataset read() {
    Dataset all =
        switch (format) {
          case IDX -> IdxReader.read(path, labels, classNames);
          case CSV -> CsvReader.readFeatures(path, labelColumn, classNames);
          case NPY -> NpyDataset.read(path, labels, layout, classNames);
          case TEXT ->
              throw new AcclimateException(
                  path
                      + ": texts can be learned (see 'acclimate train'), a simulation has none yet");
        };
    return ClassSelection.of(all, classes);
  }

  /** Reads texts, where the format is {@link Format#TEXT}. */
  public TextDataset readText() {
    return ClassSelection.of(CsvReader.readText(path, classNames), classes);
  }
}

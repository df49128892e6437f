package io.acclimate.simulators.cli;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.simulators.data.Dataset;
import io.acclimate.simulators.data.ImageLayout;
import io.acclimate.simulators.scenario.DataSource;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Option;

/** Where the source samples of a command come from. */
final class SourceOptions {
  @Option(names = "--data", paramLabel = "FILE", required = true, description = "The samples.")
  private Path data;

  @Option(
      names = "--labels",
      paramLabel = "FILE",
      description = "The labels; a csv has them in a column.")
  private Path labels;

  @Option(names = "--format", paramLabel = "FORMAT", description = "idx (the default), csv or npy.")
  private String format = "idx";

  @Option(
      names = "--label-column",
      paramLabel = "NAME",
      description = "The column of a csv with the labels.")
  private String labelColumn = "label";

  /** Reads the samples. */
  Dataset read() {
    DataSource.Format kind;
    try {
      kind = DataSource.Format.valueOf(format.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw new AcclimateException("--format: expected idx, csv or npy, found '" + format + "'", e);
    }
    if ((labels == null) != (kind == DataSource.Format.CSV)) {
      throw new AcclimateException("--labels: expected a file with idx and npy, and none with csv");
    }
    return new DataSource(kind, data, labels, List.of(), List.of(), labelColumn, ImageLayout.NHWC)
        .read();
  }
}

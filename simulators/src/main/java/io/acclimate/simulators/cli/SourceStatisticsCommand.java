package io.acclimate.simulators.cli;

import io.acclimate.actors.RuntimeSettings;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.FrozenModel;
import io.acclimate.runtime.state.State;
import io.acclimate.simulators.data.Dataset;
import io.acclimate.simulators.data.ImageLayout;
import io.acclimate.simulators.run.SourceCollector;
import io.acclimate.simulators.scenario.DataSource;
import io.acclimate.tta.SourceStatistics;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Takes the statistics of the source that some methods use. */
@Command(
    name = "source-statistics",
    description = {
      "Runs a model on labelled source samples once and writes what methods may know of the source:",
      "label distribution, mean features and mean answers of each class. No sample is kept.",
      "A scenario names the file in model.source-statistics. Take training data, never test data."
    },
    mixinStandardHelpOptions = true)
final class SourceStatisticsCommand implements Callable<Integer> {
  @Parameters(paramLabel = "MODEL.onnx", description = "The model.")
  private Path modelFile;

  @Option(names = "--data", required = true, description = "The samples.")
  private Path data;

  @Option(names = "--labels", description = "The labels; a csv has them in a column.")
  private Path labels;

  @Option(names = "--format", description = "idx (the default), csv or npy.")
  private String format = "idx";

  @Option(names = "--label-column", description = "The column of a csv with the labels.")
  private String labelColumn = "label";

  @Option(names = "--out", required = true, description = "The file to write (safetensors).")
  private Path out;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    Dataset samples = source().read();
    RuntimeSettings outputs = RuntimeSettings.defaults();
    SourceStatistics statistics;
    try (FrozenModel model = FrozenModel.open(modelFile)) {
      statistics =
          SourceCollector.collect(model, outputs.logitsOutput(), outputs.featuresOutput(), samples);
    }
    State.of(statistics).write(out);
    PrintWriter printer = spec.commandLine().getOut();
    printer.printf(
        "%s: statistics of %d samples of %d classes%n",
        out, statistics.samples(), statistics.classes());
    printer.flush();
    return 0;
  }

  private DataSource source() {
    DataSource.Format kind;
    try {
      kind = DataSource.Format.valueOf(format.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw new AcclimateException("--format: expected idx, csv or npy, found '" + format + "'", e);
    }
    if ((labels == null) != (kind == DataSource.Format.CSV)) {
      throw new AcclimateException("--labels: expected a file with idx and npy, and none with csv");
    }
    return new DataSource(kind, data, labels, List.of(), labelColumn, ImageLayout.NHWC);
  }
}

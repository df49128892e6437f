package io.acclimate.simulators.cli;

import io.acclimate.actors.RuntimeSettings;
import io.acclimate.runtime.FrozenModel;
import io.acclimate.runtime.state.State;
import io.acclimate.simulators.data.Dataset;
import io.acclimate.simulators.run.SourceCollector;
import io.acclimate.tta.SourceStatistics;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class)
final class SourceStatisticsCommand implements Callable<Integer> {
  @Parameters(paramLabel = "MODEL.onnx", description = "The model.")
  private Path modelFile;

  @Mixin private SourceOptions source;

  @Option(names = "--out", required = true, description = "The file to write (safetensors).")
  private Path out;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    Dataset samples = source.read();
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
}

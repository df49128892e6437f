package io.acclimate.simulators.cli;

import io.acclimate.actors.RuntimeSettings;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.FrozenModel;
import io.acclimate.runtime.state.State;
import io.acclimate.simulators.data.Dataset;
import io.acclimate.simulators.run.SourceCollector;
import io.acclimate.tta.SourceFisher;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Measures how much each weight matters to the source, for the methods that hold weights. */
@Command(
    name = "source-fisher",
    description = {
      "Runs a model forward and backward on source samples once and writes how much each weight",
      "matters to them: the diagonal of the Fisher information, two bytes for each weight. EATA and",
      "PSMT need it; a scenario names the file in model.source-fisher. Take training data."
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class)
final class SourceFisherCommand implements Callable<Integer> {
  @Parameters(paramLabel = "MODEL.onnx", description = "The model.")
  private Path modelFile;

  @Mixin private SourceOptions source;

  @Option(
      names = "--samples",
      description = "How many samples, from the first on; ${DEFAULT-VALUE} by default.")
  private int samples = 10_000;

  @Option(
      names = "--batch-size",
      description = "Samples whose gradient is averaged; ${DEFAULT-VALUE} by default.")
  private int batchSize = 64;

  @Option(names = "--out", required = true, description = "The file to write (safetensors).")
  private Path out;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    if (samples < 1 || batchSize < 1) {
      throw new AcclimateException(
          "--samples and --batch-size: expected at least 1, found %d and %d"
              .formatted(samples, batchSize));
    }
    Dataset data = source.read();
    SourceFisher fisher;
    try (FrozenModel model = FrozenModel.open(modelFile)) {
      fisher =
          SourceCollector.fisher(
              model, RuntimeSettings.defaults().logitsOutput(), data, samples, batchSize);
    }
    State.of(fisher).write(out);
    PrintWriter printer = spec.commandLine().getOut();
    printer.printf("%s: Fisher information of %d samples%n", out, Math.min(samples, data.size()));
    printer.flush();
    return 0;
  }
}

package io.acclimate.simulators.cli;

import io.acclimate.actors.RuntimeSettings;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.FrozenModel;
import io.acclimate.runtime.state.State;
import io.acclimate.simulators.data.Dataset;
import io.acclimate.simulators.run.SourceCollector;
import io.acclimate.tta.SourceConsistency;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Learns the consistency loss that ITTA needs. */
@Command(
    name = "source-consistency",
    description = {
      "Learns ITTA's consistency loss on labelled source samples, with the model frozen, and writes",
      "it: two numbers for each feature and layer. A scenario names the file in",
      "model.source-consistency. Take training data."
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class)
final class SourceConsistencyCommand implements Callable<Integer> {
  @Parameters(paramLabel = "MODEL.onnx", description = "The model.")
  private Path modelFile;

  @Mixin private SourceOptions source;

  @Option(names = "--steps", description = "Steps; ${DEFAULT-VALUE} by default.")
  private int steps = 300;

  @Option(names = "--batch-size", description = "Samples of a step; ${DEFAULT-VALUE} by default.")
  private int batchSize = 32;

  @Option(names = "--rate", description = "Learning rate of Adam; ${DEFAULT-VALUE} by default.")
  private double rate = 1e-3;

  @Option(names = "--seed", description = "Seed of all draws; ${DEFAULT-VALUE} by default.")
  private long seed = 1;

  @Option(names = "--out", required = true, description = "The file to write (safetensors).")
  private Path out;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    if (steps < 1 || batchSize < 2 || !(rate >= 0)) {
      throw new AcclimateException(
          "expected --steps from 1, --batch-size from 2, --rate from 0; found %d, %d, %s"
              .formatted(steps, batchSize, rate));
    }
    Dataset data = source.read();
    RuntimeSettings outputs = RuntimeSettings.defaults();
    SourceConsistency consistency;
    try (FrozenModel model = FrozenModel.open(modelFile)) {
      consistency =
          SourceCollector.consistency(
              model,
              outputs.logitsOutput(),
              outputs.featuresOutput(),
              data,
              new SourceCollector.ConsistencyPlan(steps, batchSize, rate, seed));
    }
    State.of(consistency).write(out);
    PrintWriter printer = spec.commandLine().getOut();
    printer.printf("%s: consistency loss of %d features%n", out, consistency.featureSize());
    printer.flush();
    return 0;
  }
}

package io.acclimate.simulators.cli;

import io.acclimate.runtime.FrozenModel;
import io.acclimate.runtime.state.State;
import io.acclimate.runtime.state.Stateful;
import io.acclimate.simulators.data.Dataset;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * A command that finds out something of a model's source and writes it.
 *
 * @param <T> what it finds out
 */
abstract class SourceCommand<T extends Stateful> implements Callable<Integer> {
  @Parameters(paramLabel = "MODEL.onnx", description = "The model.")
  private Path modelFile;

  @Mixin private SourceOptions source;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      required = true,
      description = "The file to write (safetensors).")
  private Path out;

  @Spec private CommandSpec spec;

  /**
   * Refuses bad options before anything is read.
   *
   * @throws io.acclimate.runtime.AcclimateException when one is
   */
  void check() {
    // most options check themselves
  }

  /** Finds it out. */
  abstract T find(FrozenModel model, Dataset data);

  /** What was found, in words. */
  abstract String describe(T found, Dataset data);

  @Override
  public final Integer call() {
    check();
    Dataset data = source.read();
    T found;
    try (FrozenModel model = FrozenModel.open(modelFile)) {
      found = find(model, data);
    }
    State.of(found).write(out);
    PrintWriter printer = spec.commandLine().getOut();
    printer.println(out + ": " + describe(found, data));
    printer.flush();
    return 0;
  }
}

package io.acclimate.simulators.cli;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.simulators.run.StoppedException;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The {@code acclimate} command. */
@Command(
    name = "acclimate",
    description = "Continual and test-time learning for frozen ONNX models.",
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class,
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "Every command has --help. To begin with: simulate examples/fashion-drift.conf",
      "Exit codes: 0 success, 2 bad usage or input, 130 interrupted, 1 anything else."
    },
    subcommands = {
      SimulateCommand.class,
      ServeCommand.class,
      ClusterCommand.class,
      TrainCommand.class,
      MethodsCommand.class,
      InspectCommand.class,
      CorrectCommand.class,
      JournalCommand.class,
      SourceConsistencyCommand.class,
      SourceFisherCommand.class,
      SourceLabelShiftCommand.class,
      SourceStatisticsCommand.class,
      BankCommand.class,
      BenchCommand.class
    })
public final class Main implements Runnable {
  /** Exit code of bad usage and bad input. */
  static final int BAD_INPUT = 2;

  /** Exit code after Ctrl-C, as shells have it. */
  static final int INTERRUPTED = 130;

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "expected a command");
  }

  /** Runs the command and ends the process with its exit code. */
  public static void main(String[] arguments) {
    Locale.setDefault(Locale.ROOT);
    System.exit(execute(arguments));
  }

  /** Runs the command and returns its exit code. */
  public static int execute(String... arguments) {
    CommandLine command = new CommandLine(new Main());
    command.setExecutionExceptionHandler(
        (error, failed, parsed) -> {
          if (error instanceof AcclimateException) {
            Lines.print(failed.getErr(), "acclimate: " + error.getMessage());
            return BAD_INPUT;
          }
          if (error instanceof StoppedException) {
            Lines.print(failed.getErr(), "acclimate: " + error.getMessage());
            return INTERRUPTED;
          }
          throw error;
        });
    return command.execute(arguments);
  }
}

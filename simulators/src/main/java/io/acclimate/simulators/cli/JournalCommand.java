package io.acclimate.simulators.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Looks at journals and puts them in order. */
@Command(
    name = "journal",
    description = "Looks at a journal on disk: what it holds, whether it is sound.",
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      JournalInfoCommand.class,
      JournalTailCommand.class,
      JournalVerifyCommand.class,
      JournalReplayCommand.class,
      JournalExportCommand.class,
      JournalCompactCommand.class
    })
final class JournalCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "expected a command of journal");
  }
}

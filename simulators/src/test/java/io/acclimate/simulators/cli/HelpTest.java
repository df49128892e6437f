package io.acclimate.simulators.cli;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;

/** What {@code --help} says of every command, down to those of {@code bank} and {@code journal}. */
class HelpTest {
  static Stream<CommandLine> commands() {
    return withSubcommands(new CommandLine(new Main()));
  }

  private static Stream<CommandLine> withSubcommands(CommandLine command) {
    return Stream.concat(
        Stream.of(command),
        command.getSubcommands().values().stream().flatMap(HelpTest::withSubcommands));
  }

  /** Lists of commands show the first line of a description alone. */
  @ParameterizedTest
  @MethodSource("commands")
  void firstLineIsASentence(CommandLine command) {
    String[] description = command.getCommandSpec().usageMessage().description();
    assertTrue(description[0].endsWith("."), description[0]);
    List.of(description).forEach(line -> assertFalse(line.endsWith(" "), line));
  }

  /** Placeholders are words a reader knows, not the names of fields. */
  @ParameterizedTest
  @MethodSource("commands")
  void everyArgumentIsNamedAndDescribed(CommandLine command) {
    for (ArgSpec argument : command.getCommandSpec().args()) {
      boolean flag = argument.arity().max() == 0;
      assertTrue(flag || !argument.paramLabel().startsWith("<"), argument.toString());
      assertTrue(argument.description().length > 0, argument.toString());
    }
  }

  /** Lines that were broken by hand would be broken again in a terminal of usual width. */
  @ParameterizedTest
  @MethodSource("commands")
  void textFillsItsLines(CommandLine command) {
    List<String> lines = command.getUsageMessage().lines().toList();
    int first = lines.indexOf(command.getCommandSpec().usageMessage().description()[0]);
    assertTrue(first >= 0, "the first sentence has a line of its own: " + lines);
    for (int i = first + 1; i + 1 < lines.size() && !lines.get(i + 1).startsWith(" "); i++) {
      String next = lines.get(i + 1).split(" ")[0];
      boolean full = lines.get(i).length() + 1 + next.length() >= 80;
      assertTrue(full || lines.get(i).endsWith(".") || lines.get(i).endsWith(":"), lines.get(i));
    }
  }

  /** Two commands share the options of their training, and each says its own defaults. */
  @ParameterizedTest
  @CsvSource({"source-consistency, 300, 32", "source-label-shift, 3000, 256"})
  void sharedOptionsHaveTheDefaultsOfTheCommand(String name, String steps, String batchSize) {
    String help = new CommandLine(new Main()).getSubcommands().get(name).getUsageMessage();
    assertTrue(help.contains("Steps; " + steps + " by default."), help);
    assertTrue(help.contains("Samples of a step; " + batchSize + " by default."), help);
    assertTrue(help.contains("Learning rate of Adam; 0.001 by default."), help);
  }
}

package io.acclimate.simulators.cli;

import io.acclimate.replay.codec.JournalRecord;
import io.acclimate.replay.journal.ChronicleJournal;
import io.acclimate.replay.journal.JournalReader;
import io.acclimate.replay.journal.JournalView;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows the newest records of a journal. */
@Command(
    name = "tail",
    description = "Shows the newest records of a journal; arrays are shown by their shape.",
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class)
final class JournalTailCommand implements Callable<Integer> {
  @Parameters(paramLabel = "DIR", description = "The journal's folder.")
  private Path folder;

  @Option(
      names = {"-n", "--records"},
      paramLabel = "N",
      defaultValue = "10",
      description = "How many records; ${DEFAULT-VALUE} by default.")
  private int count;

  @Option(names = "--json", description = "Print JSON lines.")
  private boolean json;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    try (JournalView journal = ChronicleJournal.openReadOnly(folder)) {
      long from = Math.max(journal.firstSequence(), journal.nextSequence() - Math.max(0, count));
      try (JournalReader reader = journal.reader(from)) {
        for (Optional<JournalRecord> next = reader.next(); next.isPresent(); next = reader.next()) {
          out.println(json ? EventJson.line(next.get(), false) : text(next.get()));
        }
      }
    } finally {
      out.flush();
    }
    return 0;
  }

  private static String text(JournalRecord record) {
    Map<String, Object> fields = EventJson.fields(record, false);
    return fields.entrySet().stream()
        .map(field -> shown(field.getKey(), field.getValue()))
        .collect(Collectors.joining(" "));
  }

  private static String shown(String name, Object value) {
    return switch (name) {
      case "sequence", "time", "event" -> value.toString();
      default ->
          name
              + "="
              + (value instanceof long[] shape
                  ? Arrays.toString(shape)
                  : value instanceof int[] labels
                      ? "int[" + labels.length + "]"
                      : value.toString());
    };
  }
}

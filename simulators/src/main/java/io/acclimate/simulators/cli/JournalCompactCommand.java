package io.acclimate.simulators.cli;

import io.acclimate.replay.journal.JournalCompactor;
import io.acclimate.replay.journal.JournalSettings;
import io.acclimate.replay.journal.JournalVerifier;
import io.acclimate.replay.recovery.SnapshotStore;
import io.acclimate.simulators.report.ReportWriter;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Writes a journal anew without what must be forgotten or is not needed. */
@Command(
    name = "compact",
    description = {
      "Writes a journal anew, without what has expired.",
      "Expired contents are gone for good; on request what is damaged or older than the "
          + "oldest snapshot goes as well. Nobody may be writing to it."
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class)
final class JournalCompactCommand implements Callable<Integer> {
  @Parameters(paramLabel = "DIR", description = "The journal's folder.")
  private Path folder;

  @Option(
      names = "--drop-damaged",
      description = "Leave out what cannot be read; without it damage is an error.")
  private boolean dropDamaged;

  @Option(
      names = "--drop-old",
      description = "Leave out records that the oldest snapshot already holds.")
  private boolean dropOld;

  @Option(names = "--compress", description = "Compress the records (zstd).")
  private boolean compress;

  @Option(names = "--json", description = "Print what was done as JSON.")
  private boolean json;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    long keepFrom = dropOld ? new SnapshotStore(folder, 2).oldestSequence() : 0;
    JournalVerifier.Result result =
        JournalCompactor.compact(
            folder,
            JournalSettings.defaults().rollCycle(),
            new JournalCompactor.Options(keepFrom, dropDamaged, compress));
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("firstSequence", result.firstSequence());
    facts.put("nextSequence", result.nextSequence());
    facts.put("records", result.records());
    facts.put("omitted", result.omitted());
    facts.put("bytes", result.bytes());
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(ReportWriter.json(facts));
    } else {
      out.printf(
          "%s: %,d records, %,d omitted, %,d bytes%n",
          folder, result.records(), result.omitted(), result.bytes());
    }
    out.flush();
    return 0;
  }
}

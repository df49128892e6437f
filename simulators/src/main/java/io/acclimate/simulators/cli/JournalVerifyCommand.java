package io.acclimate.simulators.cli;

import io.acclimate.replay.journal.JournalVerifier;
import io.acclimate.replay.recovery.SnapshotStore;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.simulators.report.ReportWriter;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Reads every byte of a journal and its snapshots. */
@Command(
    name = "verify",
    description = {
      "Reads every record and snapshot of a journal and lists what is wrong.",
      "Exit code 1 when there is anything."
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class)
final class JournalVerifyCommand implements Callable<Integer> {
  @Parameters(paramLabel = "DIR", description = "The journal's folder.")
  private Path folder;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    JournalVerifier.Result result = JournalVerifier.verify(folder);
    List<String> faults = new ArrayList<>(result.faults());
    List<Path> snapshots = new SnapshotStore(folder, 2).newestFirst();
    for (Path file : snapshots) {
      try {
        SnapshotStore.read(file);
      } catch (AcclimateException e) {
        faults.add(e.getMessage());
      }
    }
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      Map<String, Object> facts = new LinkedHashMap<>();
      facts.put("sound", faults.isEmpty());
      facts.put("records", result.records());
      facts.put("omitted", result.omitted());
      facts.put("snapshots", snapshots.size());
      facts.put("faultCount", result.faultCount() + faults.size() - result.faults().size());
      facts.put("faults", faults);
      out.println(ReportWriter.json(facts));
    } else {
      faults.forEach(out::println);
      out.printf(
          "%s: %,d records, %,d omitted, %d snapshots, %s%n",
          folder,
          result.records(),
          result.omitted(),
          snapshots.size(),
          faults.isEmpty() ? "sound" : "DAMAGED");
    }
    out.flush();
    return faults.isEmpty() ? 0 : 1;
  }
}

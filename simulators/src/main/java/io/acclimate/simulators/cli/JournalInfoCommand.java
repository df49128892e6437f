package io.acclimate.simulators.cli;

import io.acclimate.replay.codec.JournalRecord;
import io.acclimate.replay.event.StreamOpened;
import io.acclimate.replay.journal.JournalVerifier;
import io.acclimate.replay.recovery.Snapshot;
import io.acclimate.replay.recovery.SnapshotStore;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.simulators.report.ReportWriter;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows what a journal holds. */
@Command(
    name = "info",
    description = "Shows what a journal holds: records by kind, streams, snapshots.",
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class)
final class JournalInfoCommand implements Callable<Integer> {
  @Parameters(paramLabel = "DIR", description = "The journal's folder.")
  private Path folder;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Spec private CommandSpec spec;

  private final Map<String, Long> kinds = new TreeMap<>();
  private final Set<String> streams = new TreeSet<>();
  private long firstMillis;
  private long lastMillis;

  @Override
  public Integer call() {
    JournalVerifier.Result result = JournalVerifier.scan(folder, this::count);
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("journal", folder.toString());
    facts.put("firstSequence", result.firstSequence());
    facts.put("nextSequence", result.nextSequence());
    facts.put("records", result.records());
    facts.put("bytes", result.bytes());
    facts.put("faults", result.faultCount());
    if (result.records() > 0) {
      facts.put("from", Instant.ofEpochMilli(firstMillis).toString());
      facts.put("to", Instant.ofEpochMilli(lastMillis).toString());
    }
    facts.put("streams", streams);
    facts.put("kinds", kinds);
    facts.put("snapshots", snapshots());
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(ReportWriter.json(facts));
    } else {
      facts.forEach((name, value) -> out.printf("%-14s %s%n", name, value));
    }
    out.flush();
    return 0;
  }

  private void count(JournalRecord record) {
    kinds.merge(record.event().getClass().getSimpleName(), 1L, Long::sum);
    firstMillis = firstMillis == 0 ? record.timeMillis() : firstMillis;
    lastMillis = record.timeMillis();
    if (record.event() instanceof StreamOpened opened) {
      streams.add(opened.stream());
    }
  }

  private List<Map<String, Object>> snapshots() {
    List<Map<String, Object>> snapshots = new ArrayList<>();
    for (Path file : new SnapshotStore(folder, 2).newestFirst()) {
      Map<String, Object> facts = new LinkedHashMap<>();
      facts.put("file", file.getFileName().toString());
      try {
        Snapshot snapshot = SnapshotStore.read(file);
        facts.put("sequence", snapshot.sequence());
        facts.put("stateHash", snapshot.stateHash());
        facts.put("bytes", snapshot.state().length);
      } catch (AcclimateException e) {
        facts.put("fault", e.getMessage());
      }
      snapshots.add(facts);
    }
    return snapshots;
  }
}

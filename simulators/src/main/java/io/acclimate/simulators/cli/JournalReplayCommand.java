package io.acclimate.simulators.cli;

import io.acclimate.actors.RuntimeJournal;
import io.acclimate.replay.journal.ChronicleJournal;
import io.acclimate.replay.journal.JournalView;
import io.acclimate.replay.recovery.Recovery;
import io.acclimate.runtime.FrozenModel;
import io.acclimate.simulators.report.ReportWriter;
import io.acclimate.simulators.run.RunJournal;
import io.acclimate.simulators.scenario.Scenario;
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

/** Derives the final state of a simulation's journal twice and compares. */
@Command(
    name = "replay",
    description = {
      "Derives the final state of a simulation's journal anew and compares.",
      "Once from its first record on, comparing every hash that was noted on the way, "
          + "and again from the newest snapshot. Exit code 1 when the two differ, 2 when a "
          + "hash on the way does or a record is missing."
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class)
final class JournalReplayCommand implements Callable<Integer> {
  @Parameters(paramLabel = "DIR", description = "The journal's folder.")
  private Path folder;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    Scenario scenario = RunJournal.origin(folder).load();
    RuntimeJournal.Replayed replayed;
    Recovery.Report tail;
    try (FrozenModel model = FrozenModel.open(scenario.model(), scenario.modelOptions());
        JournalView journal = ChronicleJournal.openReadOnly(folder)) {
      replayed = RuntimeJournal.rederive(journal, model, scenario.runtime());
      tail = RuntimeJournal.resume(journal, folder, model, scenario.runtime()).report();
    }
    Recovery.Report whole = replayed.report();
    boolean equal = whole.stateHash().equals(tail.stateHash());
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("records", whole.replayed());
    facts.put("statesCompared", replayed.compared());
    facts.put("stateHash", whole.stateHash());
    facts.put("snapshotSequence", tail.snapshotSequence());
    facts.put("recordsAfterSnapshot", tail.replayed());
    facts.put("stateHashFromSnapshot", tail.stateHash());
    facts.put("equal", equal);
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(ReportWriter.json(facts));
    } else {
      facts.forEach((name, value) -> out.printf("%-22s %s%n", name, value));
    }
    out.flush();
    return equal ? 0 : 1;
  }
}

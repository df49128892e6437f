package io.acclimate.simulators.bench;

import com.typesafe.config.ConfigFactory;
import io.acclimate.replay.event.JournalEvent;
import io.acclimate.replay.journal.ChronicleJournal;
import io.acclimate.replay.journal.Journal;
import io.acclimate.replay.journal.JournalSettings;
import io.acclimate.replay.recovery.Recovery;
import io.acclimate.replay.recovery.SnapshotStore;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * The process that is killed: resumes from its journal, says where it is ({@code resumed STEPS HASH
 * WAITING}), and learns on, saying {@code at STEPS} now and then, until it is killed.
 */
final class CrashChild {
  private static final int SNAPSHOT_STEPS = 500;
  private static final int REPORT_STEPS = 64;

  /** The pipe to the process that started this one and reads it line by line. */
  private static final PrintWriter PARENT =
      new PrintWriter(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);

  private CrashChild() {}

  /**
   * Runs until it is killed.
   *
   * @param arguments the journal's folder and the seed
   */
  public static void main(String[] arguments) {
    Path folder = Path.of(arguments[0]);
    CrashLearner learner = new CrashLearner(Long.parseLong(arguments[1]));
    JournalSettings settings =
        JournalSettings.of(
            ConfigFactory.parseString(
                "durability = none, roll-cycle = minute, retention.max-bytes = 1"));
    try (Journal journal = ChronicleJournal.open(folder, settings)) {
      SnapshotStore snapshots = new SnapshotStore(folder, 2);
      Recovery.Report report = Recovery.resume(journal, snapshots, learner);
      boolean waiting = learner.isWaitingForLabels();
      say("resumed " + learner.steps() + " " + report.stateHash() + " " + waiting);
      while (true) {
        if (!learner.isWaitingForLabels()) {
          record(journal, learner, learner.batch(learner.steps()));
        }
        record(journal, learner, learner.labels(learner.steps()));
        if (learner.steps() % REPORT_STEPS == 0) {
          say("at " + learner.steps());
        }
        if (learner.steps() % SNAPSHOT_STEPS == 0) {
          Recovery.snapshot(journal, snapshots, learner);
        }
      }
    }
  }

  /** First into the journal, then into the state. */
  private static void record(Journal journal, CrashLearner learner, JournalEvent event) {
    journal.append(event);
    learner.apply(event);
  }

  private static void say(String line) {
    PARENT.println(line);
  }
}

package io.acclimate.replay.journal;

import io.acclimate.replay.codec.JournalRecord;
import io.acclimate.replay.event.RecordsOmitted;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueue;

/** Reads a whole journal and lists everything that is wrong with it. */
public final class JournalVerifier {
  /** Faults beyond this many are counted, not listed. */
  private static final int MAX_LISTED = 1000;

  /**
   * What a journal holds.
   *
   * @param firstSequence the first record that is there or accounted for
   * @param nextSequence one more than the last of them
   * @param records records that can be read
   * @param omitted records that are gone and accounted for
   * @param bytes bytes of the records that can be read
   * @param faultCount how many faults there are
   * @param faults what is wrong, in order, with file and place
   */
  public record Result(
      long firstSequence,
      long nextSequence,
      long records,
      long omitted,
      long bytes,
      long faultCount,
      List<String> faults) {
    /** Whether nothing is wrong. */
    public boolean isSound() {
      return faultCount == 0;
    }
  }

  private final List<String> faults = new ArrayList<>();
  private long faultCount;
  private long first = -1;
  private long expected = -1;
  private long records;
  private long omitted;
  private long bytes;
  private List<String> pending = new ArrayList<>();

  private JournalVerifier() {}

  /**
   * Verifies a journal; somebody may be writing to it.
   *
   * @throws io.acclimate.runtime.AcclimateException when there is no journal
   */
  public static Result verify(Path folder) {
    return scan(folder, record -> {});
  }

  /** Verifies a journal and hands over each record that can be read, expired ones included. */
  public static Result scan(Path folder, Consumer<JournalRecord> records) {
    JvmFlags.require();
    JournalVerifier verifier = new JournalVerifier();
    try (SingleChronicleQueue queue = QueueFiles.openReadOnly(folder);
        RecordScan scan = new RecordScan(queue)) {
      long acknowledged = HighWaterMark.open(folder, true).acknowledged().orElse(-1);
      for (RecordScan.Found found = scan.next(); found != null; found = scan.next()) {
        if (found.record() == null) {
          verifier.pending.add(found.fault());
        } else {
          verifier.add(found.record(), scan.where());
          records.accept(found.record());
        }
      }
      verifier.report(verifier.pending);
      if (acknowledged >= Math.max(0, verifier.expected)) {
        verifier.report(
            List.of(
                "%s: records %d to %d are missing at the end"
                    .formatted(scan.where(), Math.max(0, verifier.expected), acknowledged)));
      }
    }
    return verifier.result();
  }

  private void add(JournalRecord record, String where) {
    boolean accounted =
        record.event() instanceof RecordsOmitted omission
            && (expected < 0 || omission.from() <= expected);
    if (!accounted) {
      report(pending);
      if (expected >= 0 && record.sequence() != expected) {
        report(
            List.of(
                "%s: expected record %d, found record %d"
                    .formatted(where, expected, record.sequence())));
      }
    }
    pending = new ArrayList<>();
    long from = record.event() instanceof RecordsOmitted o ? o.from() : record.sequence();
    first = first < 0 ? from : first;
    omitted += record.event() instanceof RecordsOmitted ? record.sequence() - from + 1 : 0;
    records++;
    bytes += record.bytes();
    expected = record.sequence() + 1;
  }

  private void report(List<String> found) {
    for (String fault : found) {
      faultCount++;
      if (faults.size() < MAX_LISTED) {
        faults.add(fault);
      }
    }
  }

  private Result result() {
    return new Result(
        Math.max(0, first),
        Math.max(0, expected),
        records,
        omitted,
        bytes,
        faultCount,
        List.copyOf(faults));
  }
}

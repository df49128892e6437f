package io.acclimate.replay.memory;

import io.acclimate.replay.codec.JournalRecord;
import io.acclimate.replay.event.BatchObserved;
import io.acclimate.replay.event.FloatArray;
import io.acclimate.replay.journal.JournalReader;
import io.acclimate.replay.journal.JournalView;
import io.acclimate.runtime.AcclimateException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Reads what references stand for from the journal. Each record is read once. */
public final class JournalExemplars {
  private JournalExemplars() {}

  /**
   * Replaces references by copies; copies stay as they are.
   *
   * @param array which array of the batch is read, such as {@link BatchObserved#features()}
   * @return the same samples in the same order
   * @throws AcclimateException when a record is gone, expired, no batch, or lacks the array
   */
  public static List<Exemplar> resolve(
      JournalView journal,
      List<Exemplar> exemplars,
      Function<BatchObserved, Optional<FloatArray>> array) {
    Map<Long, FloatArray> batches = new HashMap<>();
    List<Exemplar> resolved = new ArrayList<>();
    for (Exemplar exemplar : exemplars) {
      if (exemplar.values().length > 0) {
        resolved.add(exemplar);
      } else {
        FloatArray batch =
            batches.computeIfAbsent(exemplar.record(), record -> read(journal, record, array));
        resolved.add(
            new Exemplar(
                exemplar.record(),
                exemplar.row(),
                exemplar.label(),
                exemplar.weight(),
                row(batch, exemplar)));
      }
    }
    return resolved;
  }

  private static FloatArray read(
      JournalView journal, long sequence, Function<BatchObserved, Optional<FloatArray>> array) {
    try (JournalReader reader = journal.reader(sequence)) {
      Optional<JournalRecord> record = reader.next();
      if (record.isPresent()
          && record.get().sequence() == sequence
          && record.get().event() instanceof BatchObserved batch) {
        return array
            .apply(batch)
            .orElseThrow(
                () ->
                    new AcclimateException(
                        "record %d: expected the array that is rehearsed, found a batch without it"
                            .formatted(sequence)));
      }
      throw new AcclimateException(
          "record %d: expected the batch that is rehearsed, found %s"
              .formatted(
                  sequence,
                  record
                      .filter(found -> found.sequence() == sequence)
                      .map(found -> found.event().toString())
                      .orElse("it gone")));
    }
  }

  private static float[] row(FloatArray batch, Exemplar exemplar) {
    int rows = (int) batch.shape()[0];
    if (exemplar.row() < 0 || exemplar.row() >= rows) {
      throw new AcclimateException(
          "record %d: expected row %d, found %d rows"
              .formatted(exemplar.record(), exemplar.row(), rows));
    }
    int columns = batch.values().length / rows;
    return Arrays.copyOfRange(
        batch.values(), exemplar.row() * columns, (exemplar.row() + 1) * columns);
  }
}

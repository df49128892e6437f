package io.acclimate.replay.memory;

import io.acclimate.replay.codec.BodyReader;
import io.acclimate.replay.codec.BodyWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A sample kept for rehearsal: a copy, or a reference to the batch in the journal that holds it.
 *
 * @param record the journal's record with the batch
 * @param row the sample's row in the batch
 * @param label its class; -1 when unknown
 * @param weight how much the sample counts, above 0; a difficulty where the policy is one of those
 * @param values {@code [d]} its features or its input; empty for a reference. Shared, not copied
 */
public record Exemplar(long record, int row, int label, double weight, float[] values) {
  private static final int HEAD_BYTES = 40;

  /** What it counts against a capacity in bytes. */
  public long bytes() {
    return HEAD_BYTES + (long) Float.BYTES * values.length;
  }

  /** Writes samples with their number before them. */
  public static void writeAll(BodyWriter out, List<Exemplar> exemplars) {
    out.integer(exemplars.size());
    for (Exemplar exemplar : exemplars) {
      out.wholeNumber(exemplar.record).integer(exemplar.row).integer(exemplar.label);
      out.number(exemplar.weight).floats(exemplar.values);
    }
  }

  /** Reads what {@link #writeAll} has written. */
  public static List<Exemplar> readAll(BodyReader in) {
    int count = in.integer();
    List<Exemplar> read = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      read.add(
          new Exemplar(in.wholeNumber(), in.integer(), in.integer(), in.number(), in.floats()));
    }
    return read;
  }

  /** Whether this is the same sample of the same record. */
  public boolean isSameSample(Exemplar other) {
    return record == other.record && row == other.row;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Exemplar that
        && isSameSample(that)
        && label == that.label
        && Double.compare(weight, that.weight) == 0
        && Arrays.equals(values, that.values);
  }

  @Override
  public int hashCode() {
    return 31 * Long.hashCode(record) + row;
  }
}

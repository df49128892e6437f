package io.acclimate.actors;

import java.util.Arrays;

/**
 * The latest predictions of a stream that labels may still come in for. Holds at most a fixed
 * number of predictions, and takes memory only as they come: 12 bytes for a sample and about 40 for
 * a batch. Not thread-safe.
 */
final class PendingFeedback {
  /** The label of a sample that is not known yet. */
  static final int UNKNOWN_LABEL = -1;

  private static final int FIRST_ROOM = 16;
  private static final long NOTHING = -1;

  private final int capacity;
  private final long first;

  /** By {@code sequence % length}: the number of the prediction there. */
  private long[] sequences = new long[0];

  /** By {@code sequence % length}: predicted, frozen and true labels, {@code [3, size]}. */
  private int[][] labels = new int[0][];

  private long next;

  /**
   * @param capacity how many predictions are kept
   * @param next the number of the first prediction to come
   */
  PendingFeedback(int capacity, long next) {
    this.capacity = capacity;
    this.first = next;
    this.next = next;
  }

  /**
   * How labels were taken in.
   *
   * @param labels those that were new, {@code [size]}, {@link #UNKNOWN_LABEL} for the others
   * @param fresh how many were new
   */
  record Taken(FeedbackOutcome outcome, int[] labels, int fresh, int correct, int frozenCorrect) {
    private static final int[] NO_LABELS = {};

    static Taken none(FeedbackOutcome outcome) {
      return new Taken(outcome, NO_LABELS, 0, 0, 0);
    }
  }

  /** Remembers a prediction; the oldest is forgotten when there are too many. */
  void add(long sequence, int[] predicted, int[] frozen) {
    if (sequences.length < capacity) {
      grow(sequence);
    }
    int size = predicted.length;
    int[] row = Arrays.copyOf(predicted, 3 * size);
    System.arraycopy(frozen, 0, row, size, size);
    Arrays.fill(row, 2 * size, 3 * size, UNKNOWN_LABEL);
    int slot = slot(sequence);
    sequences[slot] = sequence;
    labels[slot] = row;
    next = sequence + 1;
  }

  /** Makes room so that the prediction takes nobody's place. */
  private void grow(long sequence) {
    if (sequences.length > 0 && sequences[slot(sequence)] == NOTHING) {
      return;
    }
    long[] oldSequences = sequences;
    int[][] oldLabels = labels;
    int room = Math.min(capacity, Math.max(FIRST_ROOM, 2 * oldSequences.length));
    sequences = new long[room];
    Arrays.fill(sequences, NOTHING);
    labels = new int[room][];
    for (int i = 0; i < oldSequences.length; i++) {
      if (oldSequences[i] >= next - oldSequences.length) {
        sequences[slot(oldSequences[i])] = oldSequences[i];
        labels[slot(oldSequences[i])] = oldLabels[i];
      }
    }
  }

  private int slot(long sequence) {
    return (int) (sequence % sequences.length);
  }

  /**
   * The number of samples of a prediction.
   *
   * @return -1 when it is not here
   */
  int size(long sequence) {
    return isHere(sequence) ? labels[slot(sequence)].length / 3 : -1;
  }

  private boolean isHere(long sequence) {
    return sequence >= Math.max(first, next - sequences.length)
        && sequence < next
        && sequences[slot(sequence)] == sequence;
  }

  /** Takes labels in, {@code [size]}; {@link #UNKNOWN_LABEL} where one is not known. */
  Taken take(long sequence, int[] given) {
    if (!isHere(sequence)) {
      boolean past = sequence >= 0 && sequence < Math.max(first, next - sequences.length);
      return Taken.none(past ? FeedbackOutcome.EXPIRED : FeedbackOutcome.UNKNOWN);
    }
    int[] row = labels[slot(sequence)];
    int size = row.length / 3;
    int[] taken = new int[size];
    int fresh = 0;
    int correct = 0;
    int frozenCorrect = 0;
    for (int i = 0; i < size; i++) {
      boolean isNew = row[2 * size + i] == UNKNOWN_LABEL && given[i] != UNKNOWN_LABEL;
      taken[i] = isNew ? given[i] : UNKNOWN_LABEL;
      if (!isNew) {
        continue;
      }
      row[2 * size + i] = given[i];
      fresh++;
      correct += row[i] == given[i] ? 1 : 0;
      frozenCorrect += row[size + i] == given[i] ? 1 : 0;
    }
    FeedbackOutcome outcome = fresh > 0 ? FeedbackOutcome.ACCEPTED : FeedbackOutcome.DUPLICATE;
    return new Taken(outcome, taken, fresh, correct, frozenCorrect);
  }

  /** Forgets labels that were taken in, so that they are new when they come again. */
  void giveBack(long sequence, Taken taken) {
    if (!isHere(sequence)) {
      return;
    }
    int[] row = labels[slot(sequence)];
    int size = row.length / 3;
    for (int i = 0; i < taken.labels().length; i++) {
      if (taken.labels()[i] != UNKNOWN_LABEL) {
        row[2 * size + i] = UNKNOWN_LABEL;
      }
    }
  }
}

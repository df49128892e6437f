package io.acclimate.actors.cluster;

import io.acclimate.actors.StreamStats;
import io.acclimate.runtime.AcclimateException;

/** How many bytes values take in CBOR at most. */
final class MessageSize {
  /** Names of fields, small fields and addresses. */
  static final long OVERHEAD = 4096;

  /** One byte says what a number is, four hold it. */
  private static final long NUMBER = 5;

  private static final long WIDE_NUMBER = 9;

  private static final long MAX_BYTES_OF_CHAR = 3;

  private MessageSize() {}

  static long ints(int count) {
    return count * NUMBER;
  }

  static long text(String text) {
    return text.length() * MAX_BYTES_OF_CHAR;
  }

  /** What an answer takes; those that are always small count as nothing. */
  static long of(StreamReply reply) {
    if (reply instanceof StreamReply.Predicted predicted) {
      return of(predicted);
    } else if (reply instanceof StreamReply.Snapshot snapshot) {
      return OVERHEAD + snapshot.bytes().length;
    } else if (reply instanceof StreamReply.Stats stats) {
      return of(stats.stats());
    }
    return 0;
  }

  private static long of(StreamStats stats) {
    long texts = stats.lastError().map(MessageSize::text).orElse(0L);
    texts += stats.choice().map(choice -> text(choice.reason())).orElse(0L);
    for (String cause : stats.resets().keySet()) {
      texts += text(cause) + NUMBER + NUMBER;
    }
    return OVERHEAD + texts + stats.recent().labelDistribution().length * WIDE_NUMBER;
  }

  private static long of(StreamReply.Predicted prediction) {
    long events =
        prediction.events().stream()
            .mapToLong(event -> OVERHEAD + text(event.subject()) + text(event.reason()))
            .sum();
    int labels = prediction.labels().length + prediction.frozenLabels().length;
    return OVERHEAD
        + prediction.probabilities().length * NUMBER
        + ints(labels)
        + (prediction.fallback() == null ? 0 : text(prediction.fallback()))
        + events;
  }

  /**
   * Refuses what is too large to be sent.
   *
   * @param what what it is, for the message
   */
  static void require(String what, long bytes, int most) {
    if (bytes > most) {
      throw new AcclimateException(
          "%s: expected a message of at most %d bytes (cluster.message-bytes), found one of about %d"
              .formatted(what, most, bytes));
    }
  }
}

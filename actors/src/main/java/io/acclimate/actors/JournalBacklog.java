package io.acclimate.actors;

import io.acclimate.replay.event.FeedbackReceived;
import io.acclimate.replay.event.JournalEvent;
import io.acclimate.replay.event.StreamClosed;
import io.acclimate.replay.event.StreamOpened;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What could not be written while the journal took no events, as far as it has to be made up for.
 * Of a stream it is only its state that counts, so memory is bounded by the number of streams.
 * Belongs to the journal's writer.
 */
final class JournalBacklog {
  /** Open streams whose state in the journal is not their present one. */
  private final Set<String> behind = new HashSet<>();

  /** Those among them that the journal does not know, or knows otherwise. */
  private final Set<String> unopened = new HashSet<>();

  private final List<JournalEvent> owed = new ArrayList<>();

  /** An event was not written. */
  void missed(JournalEvent event, String stream) {
    if (event instanceof StreamClosed) {
      forget(stream);
      owed.add(event);
    } else if (event instanceof StreamOpened) {
      unopened.add(stream);
      behind.add(stream);
    } else if (!stream.isEmpty()) {
      behind.add(stream);
    } else if (!(event instanceof FeedbackReceived)) { // whose sender hears that it is not written
      owed.add(event);
    }
  }

  /** Events that are to be written as they are, the first one first; the caller removes them. */
  List<JournalEvent> owed() {
    return owed;
  }

  boolean isUnopened(String stream) {
    return unopened.contains(stream);
  }

  /** The stream's present state is written, or will never be. */
  void forget(String stream) {
    behind.remove(stream);
    unopened.remove(stream);
  }

  /** The streams that are to hand their state over. */
  Set<String> behind() {
    return Set.copyOf(behind);
  }

  boolean isEmpty() {
    return behind.isEmpty() && owed.isEmpty();
  }
}

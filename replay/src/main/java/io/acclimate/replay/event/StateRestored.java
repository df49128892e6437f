package io.acclimate.replay.event;

import java.util.Arrays;

/**
 * A stream's method was put into a state that does not follow from the records before.
 *
 * @param stream the stream's id
 * @param reason why: the caller, a failure
 * @param state bytes of the method's state from here on
 */
public record StateRestored(String stream, String reason, byte[] state) implements JournalEvent {
  @Override
  public boolean equals(Object other) {
    return other instanceof StateRestored that
        && stream.equals(that.stream)
        && reason.equals(that.reason)
        && Arrays.equals(state, that.state);
  }

  @Override
  public int hashCode() {
    return 31 * stream.hashCode() + Arrays.hashCode(state);
  }
}

package io.acclimate.actors;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.acclimate.bank.AdapterRef;
import io.acclimate.runtime.AcclimateException;

/**
 * What a stream is served with; resolved anew for every batch. Immutable.
 *
 * <p>As text: {@code frozen} for the frozen model, {@code NAME} for {@link Latest}, {@code
 * NAME@VERSION} for {@link Exactly}, {@code task:NAME} for {@link LatestOfTask}.
 */
public sealed interface AdapterChoice {
  /** The frozen model. */
  AdapterChoice FROZEN = new Frozen();

  /**
   * Reads a choice from its text.
   *
   * @throws AcclimateException when it is none
   */
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  static AdapterChoice parse(String text) {
    if (text.equals(FROZEN.text())) {
      return FROZEN;
    }
    if (text.startsWith(LatestOfTask.PREFIX)) {
      return new LatestOfTask(text.substring(LatestOfTask.PREFIX.length()));
    }
    return text.indexOf('@') < 0 ? new Latest(text) : new Exactly(AdapterRef.parse(text));
  }

  /** The text that {@link #parse} reads. */
  @JsonValue
  String text();

  /** The frozen model. */
  record Frozen() implements AdapterChoice {
    @Override
    public String text() {
      return "frozen";
    }
  }

  /**
   * The adapter of this name in the bank's current version; the frozen model while there is none.
   *
   * @param id the adapter's name
   */
  record Latest(String id) implements AdapterChoice {
    /** Checks the name. */
    public Latest {
      AdapterRef.requireName(id);
    }

    @Override
    public String text() {
      return id;
    }
  }

  /**
   * The newest adapter of the bank's current version that was learned on a task; the frozen model
   * while there is none.
   *
   * @param task the task's name
   */
  record LatestOfTask(String task) implements AdapterChoice {
    private static final String PREFIX = "task:";

    @Override
    public String text() {
      return PREFIX + task;
    }
  }

  /**
   * One version of one adapter, whatever is published later.
   *
   * @param ref name and version
   */
  record Exactly(AdapterRef ref) implements AdapterChoice {
    @Override
    public String text() {
      return ref.toString();
    }
  }
}

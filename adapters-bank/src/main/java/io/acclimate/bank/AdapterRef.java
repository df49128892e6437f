package io.acclimate.bank;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.acclimate.runtime.AcclimateException;
import java.util.regex.Pattern;

/**
 * One version of one adapter, written {@code id@version}.
 *
 * @param id the adapter's name: 1 to 100 of {@code a-z 0-9 . _ -}, beginning with a letter or digit
 * @param version the version of the bank that brought it, from 1; 0 while it is not published
 */
public record AdapterRef(String id, long version) implements Comparable<AdapterRef> {
  private static final Pattern ID = Pattern.compile("[a-z0-9][a-z0-9._-]{0,99}");

  /** Checks both. */
  public AdapterRef {
    requireName(id);
    if (version < 0) {
      throw new AcclimateException("expected an adapter version from 0, found " + version);
    }
  }

  /**
   * Checks a name that becomes a file's name.
   *
   * @throws AcclimateException when it is none
   */
  public static void requireName(String name) {
    if (!ID.matcher(name).matches()) {
      throw new AcclimateException(
          "expected a name of 1 to 100 of a-z 0-9 . _ -, beginning with a letter or digit, found '"
              + name
              + "'");
    }
  }

  /**
   * Reads {@code id@version}.
   *
   * @throws AcclimateException when it is none
   */
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public static AdapterRef parse(String text) {
    int at = text.lastIndexOf('@');
    try {
      return new AdapterRef(
          text.substring(0, Math.max(at, 0)), Long.parseLong(text.substring(at + 1)));
    } catch (NumberFormatException e) {
      throw new AcclimateException("expected an adapter as id@version, found '" + text + "'", e);
    }
  }

  @Override
  public int compareTo(AdapterRef other) {
    int byId = id.compareTo(other.id);
    return byId != 0 ? byId : Long.compare(version, other.version);
  }

  @JsonValue
  @Override
  public String toString() {
    return id + "@" + version;
  }
}

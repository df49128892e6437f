package io.acclimate.runtime.settings;

/**
 * One mistake in the settings.
 *
 * @param where file and line, or what else gave the value
 * @param key the full path of the setting
 * @param message what was expected and what was found
 */
public record SettingsProblem(String where, String key, String message) {
  /** Whether both say the same of one value: one that several objects inherit is named once. */
  boolean isSamePlaceAs(SettingsProblem other) {
    return !where.isEmpty()
        && where.equals(other.where)
        && name().equals(other.name())
        && message.equals(other.message);
  }

  private String name() {
    return key.substring(key.lastIndexOf('.') + 1);
  }

  @Override
  public String toString() {
    return where.isEmpty() ? key + ": " + message : where + ": " + key + ": " + message;
  }
}

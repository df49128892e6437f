package io.acclimate.runtime.settings;

/**
 * One mistake in the settings.
 *
 * @param where file and line, or what else gave the value
 * @param key the full path of the setting
 * @param message what was expected and what was found
 */
public record SettingsProblem(String where, String key, String message) {
  @Override
  public String toString() {
    return where.isEmpty() ? key + ": " + message : where + ": " + key + ": " + message;
  }
}

package io.acclimate.runtime.settings;

import io.acclimate.runtime.AcclimateException;
import java.util.List;
import java.util.stream.Collectors;

/** Settings with mistakes; the message lists all of them, one a line. */
public final class SettingsException extends AcclimateException {
  private static final long serialVersionUID = 1L;

  private final transient List<SettingsProblem> problems;

  /** Creates the error for settings of this name. */
  public SettingsException(String what, List<SettingsProblem> problems) {
    super(
        problems.stream()
            .map(problem -> "\n  " + problem)
            .collect(
                Collectors.joining("", what + " has " + problems.size() + " mistake(s):", "")));
    this.problems = List.copyOf(problems);
  }

  /** The mistakes in the order in which they were found. */
  public List<SettingsProblem> problems() {
    return problems;
  }
}

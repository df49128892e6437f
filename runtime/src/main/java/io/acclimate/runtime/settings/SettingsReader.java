package io.acclimate.runtime.settings;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigValue;
import io.acclimate.runtime.text.Names;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;

/**
 * Reads one object of settings and collects every mistake instead of stopping at the first.
 *
 * <p>A reader has a default for every setting it knows: those of the given defaults object. A
 * setting without a default there is unknown and reported by {@link #rejectUnknown()}. After a
 * mistake the default is returned, so that reading goes on; {@link #throwIfAny} ends it. Not
 * thread-safe.
 */
public final class SettingsReader {
  private final Config given;
  private final Config defaults;
  private final String path;
  private final List<SettingsProblem> problems;

  /**
   * Creates a reader.
   *
   * @param given what the user wrote, without defaults
   * @param defaults a value for every setting
   * @param path where the object stands, for messages; may be empty
   */
  public SettingsReader(Config given, Config defaults, String path) {
    this(given, defaults, path, new ArrayList<>());
  }

  private SettingsReader(
      Config given, Config defaults, String path, List<SettingsProblem> problems) {
    this.given = given;
    this.defaults = defaults;
    this.path = path;
    this.problems = problems;
  }

  /** A reader of an inner object; its mistakes are collected with this one's. */
  public SettingsReader child(String key) {
    return child(key, defaults.getConfig(key));
  }

  /**
   * The same for an object whose defaults stand elsewhere.
   *
   * @param innerDefaults a value for every setting of the inner object
   */
  public SettingsReader child(String key, Config innerDefaults) {
    Config innerGiven = ConfigFactory.empty();
    if (given.hasPath(key)) {
      ConfigValue value = given.getValue(key);
      if (value instanceof ConfigObject object) {
        innerGiven = object.toConfig();
      } else {
        problem(key, "expected an object, found " + value.unwrapped());
      }
    }
    return new SettingsReader(innerGiven, innerDefaults, full(key), problems);
  }

  /** A reader of an object from elsewhere, for instance an element of a list. */
  public SettingsReader of(Config other, Config otherDefaults, String name) {
    return new SettingsReader(other, otherDefaults, full(name), problems);
  }

  /** Whether the user gave this setting. */
  public boolean isGiven(String key) {
    return given.hasPath(key);
  }

  /** A whole number between two bounds, both included. */
  public int integer(String key, int min, int max) {
    return (int) wholeNumber(key, min, max);
  }

  /** A whole number between two bounds, both included. */
  public long wholeNumber(String key, long min, long max) {
    return read(
        key,
        "a whole number from " + min + " to " + max,
        config -> {
          double exact = config.getDouble(key);
          long value = config.getLong(key);
          return value >= min && value <= max && exact == Math.rint(exact) ? value : null;
        });
  }

  /** A finite number between two bounds, both included. */
  public double number(String key, double min, double max) {
    return read(
        key,
        "a number from " + min + " to " + max,
        config -> {
          double value = config.getDouble(key);
          return value >= min && value <= max ? value : null;
        });
  }

  /** A truth value. */
  public boolean flag(String key) {
    return read(key, "true or false", config -> config.getBoolean(key));
  }

  /** A text; {@code ""} where the default is empty. */
  public String text(String key) {
    return read(key, "a text", config -> config.getString(key));
  }

  /** One constant of an enum, written in kebab-case. */
  public <E extends Enum<E>> E choice(String key, Class<E> type) {
    List<String> names = Arrays.stream(type.getEnumConstants()).map(Names::kebab).toList();
    return read(
        key,
        "one of " + String.join(" | ", names),
        config -> {
          int index = names.indexOf(config.getString(key).toLowerCase(Locale.ROOT));
          return index < 0 ? null : type.getEnumConstants()[index];
        });
  }

  /** A list of objects or texts, as they stand. */
  public List<ConfigValue> list(String key) {
    return read(key, "a list", config -> List.copyOf(config.getList(key)));
  }

  /** An object of settings that are somebody else's to check, as it stands. */
  public Config object(String key) {
    return read(key, "an object", config -> config.getConfig(key));
  }

  private <T> T read(String key, String expected, Function<Config, T> reader) {
    if (given.hasPath(key)) {
      try {
        T value = reader.apply(given);
        if (value != null) {
          return value;
        }
      } catch (ConfigException e) {
        // reported below with the value that was found
      }
      problem(key, "expected " + expected + ", found " + given.getValue(key).unwrapped());
    }
    T fallback = reader.apply(defaults);
    if (fallback == null) {
      throw new IllegalStateException("default of " + full(key) + " is not " + expected);
    }
    return fallback;
  }

  /** Reports every given setting that has no default, with the nearest known name. */
  public void rejectUnknown() {
    Set<String> known = new LinkedHashSet<>(defaults.root().keySet());
    for (String key : given.root().keySet()) {
      if (!known.contains(key)) {
        problem(
            given.root().get(key).origin(), key, "unknown setting" + Names.suggestion(key, known));
      }
    }
  }

  /** Reports a mistake in a given setting, with its line. */
  public void problem(String key, String message) {
    ConfigOrigin origin = given.hasPath(key) ? given.getValue(key).origin() : given.root().origin();
    problem(origin, key, message);
  }

  /** Reports a mistake at a place of its own, for instance an element of a list. */
  public void problem(ConfigOrigin origin, String key, String message) {
    SettingsProblem problem = new SettingsProblem(where(origin), full(key), message);
    if (problems.stream().noneMatch(problem::isSamePlaceAs)) {
      problems.add(problem);
    }
  }

  /** Whether any mistake was found by this reader or those it shares its list with. */
  public boolean hasProblems() {
    return !problems.isEmpty();
  }

  /**
   * Ends the reading.
   *
   * @param what the name of the settings, for instance the file
   * @throws SettingsException when there is any mistake
   */
  public void throwIfAny(String what) {
    if (!problems.isEmpty()) {
      throw new SettingsException(what, problems);
    }
  }

  private String full(String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  /** The file and line of a value, or who gave it; empty when nobody wrote it down. */
  private static String where(ConfigOrigin origin) {
    if (origin.filename() != null) {
      return Path.of(origin.filename()).getFileName() + ":" + origin.lineNumber();
    }
    String description = origin.description().replaceFirst(": \\d+$", "");
    return description.startsWith("empty config") ? "" : description;
  }
}

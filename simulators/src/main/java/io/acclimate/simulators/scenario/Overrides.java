package io.acclimate.simulators.scenario;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.io.InputFiles;
import java.nio.file.Path;
import java.util.List;

/** Settings given on the command line as {@code key=value}. */
public final class Overrides {
  private static final String ORIGIN = "--set";

  private Overrides() {}

  /**
   * Reads a HOCON file and puts settings over it.
   *
   * @param what errors call the file
   * @param settings each {@code key=value}
   * @throws AcclimateException when the file cannot be read or parsed, or a setting is none
   */
  public static Config read(String what, Path file, List<String> settings) {
    InputFiles.requireFile(file);
    try {
      // a file without a folder before its name would not find what it includes
      Config read = ConfigFactory.parseFile(file.toAbsolutePath().toFile());
      return apply(read, settings).resolve();
    } catch (ConfigException e) {
      throw new AcclimateException(what + " " + file + ": " + e.getMessage(), e);
    }
  }

  /**
   * Puts settings over a configuration; a later one wins.
   *
   * @param settings each {@code key=value}; the value is HOCON, and a text where it is no HOCON
   * @throws AcclimateException when one has no {@code =} or no key
   */
  public static Config apply(Config base, List<String> settings) {
    Config result = base;
    for (String setting : settings) {
      int equals = setting.indexOf('=');
      if (equals < 1) {
        throw new AcclimateException("--set: expected key=value, found '" + setting + "'");
      }
      String key = setting.substring(0, equals).strip();
      result = parse(key, setting.substring(equals + 1).strip()).withFallback(result);
    }
    return result;
  }

  private static Config parse(String key, String value) {
    ConfigParseOptions named =
        ConfigParseOptions.defaults().setOriginDescription(ORIGIN + " " + key);
    try {
      return ConfigFactory.parseString(key + " = " + value, named);
    } catch (ConfigException e) {
      String quoted = "\"" + value.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
      try {
        return ConfigFactory.parseString(key + " = " + quoted, named);
      } catch (ConfigException badKey) {
        throw new AcclimateException("--set: '" + key + "' is no setting's name", badKey);
      }
    }
  }
}

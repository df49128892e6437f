package io.acclimate.simulators.train;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.io.InputFiles;
import io.acclimate.runtime.settings.SettingsReader;
import io.acclimate.simulators.scenario.ScenarioFiles;
import io.acclimate.simulators.text.TextEncoder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where a model or tokeniser is: a file, or a resource of the class path that a library brings.
 *
 * @param place the file's path or the resource's name
 * @param onClassPath whether it is a resource
 */
public record ModelLocation(String place, boolean onClassPath) {
  private static final String PREFIX = "classpath:";

  /** Reads a required setting: {@code classpath:NAME} or a file. */
  public static ModelLocation read(SettingsReader settings, String key, ScenarioFiles files) {
    String text = settings.text(key);
    return text.startsWith(PREFIX)
        ? new ModelLocation(text.substring(PREFIX.length()), true)
        : ofFile(files.required(settings, key));
  }

  /** A file. */
  public static ModelLocation ofFile(Path file) {
    return new ModelLocation(file.toString(), false);
  }

  /** The name without folders. */
  public String name() {
    return place.substring(Math.max(place.lastIndexOf('/'), place.lastIndexOf('\\')) + 1);
  }

  /**
   * The bytes.
   *
   * @throws AcclimateException when there is nothing at this place
   */
  public byte[] read() {
    Path file = Path.of(place);
    if (!onClassPath) {
      InputFiles.requireFile(file);
    }
    try (InputStream in = onClassPath ? resource() : Files.newInputStream(file)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw InputFiles.failed(file, e);
    }
  }

  private InputStream resource() {
    InputStream in = ModelLocation.class.getClassLoader().getResourceAsStream(place);
    if (in == null) {
      throw new AcclimateException("not found on the class path: " + place);
    }
    return in;
  }

  /** Opens the tokeniser at this place. */
  TextEncoder openTokenizer(int tokens) {
    return onClassPath
        ? TextEncoder.ofResource(place, tokens)
        : TextEncoder.ofFile(Path.of(place), tokens);
  }

  @Override
  public String toString() {
    return onClassPath ? PREFIX + place : place;
  }
}

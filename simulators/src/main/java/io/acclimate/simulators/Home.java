package io.acclimate.simulators;

import io.acclimate.runtime.AcclimateException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where the project's examples lie: below the launcher's folder, or the working directory. */
public final class Home {
  private Home() {}

  /**
   * A file of the examples.
   *
   * @throws AcclimateException when it is not there
   */
  public static Path example(String name) {
    Path file =
        Path.of(System.getProperty("acclimate.home", ".")).resolve("examples").resolve(name);
    if (!Files.exists(file)) {
      throw new AcclimateException(
          "example not found: " + file + "; run from the project's folder or set acclimate.home");
    }
    return file;
  }
}

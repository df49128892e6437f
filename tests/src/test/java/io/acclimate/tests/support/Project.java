package io.acclimate.tests.support;

import java.nio.file.Files;
import java.nio.file.Path;

/** Where the project's files lie, from the tests module. */
public final class Project {
  private Project() {}

  /** The project's root folder. */
  public static Path root() {
    Path root = Path.of("").toAbsolutePath();
    while (!Files.exists(root.resolve("LICENSE"))) {
      root = root.getParent();
    }
    return root;
  }

  /** A file of the examples. */
  public static Path example(String name) {
    return root().resolve("examples").resolve(name);
  }
}

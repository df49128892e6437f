package io.acclimate.runtime.io;

import io.acclimate.runtime.AcclimateException;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The checks and error texts every reader of files shares. Stateless, safe for all threads. */
public final class InputFiles {
  private InputFiles() {}

  /**
   * Checks that there is a file to read.
   *
   * @return its size in bytes
   * @throws AcclimateException if it is missing, a folder or not readable
   */
  public static long requireFile(Path file) {
    if (Files.notExists(file)) {
      throw new AcclimateException(file + ": expected a file, found nothing there");
    }
    if (Files.isDirectory(file)) {
      throw new AcclimateException(file + ": expected a file, found a folder");
    }
    if (!Files.isReadable(file)) {
      throw new AcclimateException(file + ": expected a readable file, found no right to read it");
    }
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw failed(file, e);
    }
  }

  /** The error for a read that failed half-way, named by its file. */
  public static AcclimateException failed(Path file, IOException cause) {
    String found =
        cause instanceof EOFException ? "the data end too early (truncated)" : describe(cause);
    return new AcclimateException(file + ": expected to read it all, found: " + found, cause);
  }

  /** Kind and text of an I/O error; the text alone is often only the path. */
  static String describe(IOException cause) {
    String kind = cause.getClass().getSimpleName();
    return cause.getMessage() == null ? kind : kind + ": " + cause.getMessage();
  }
}

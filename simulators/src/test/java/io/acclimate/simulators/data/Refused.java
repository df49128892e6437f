package io.acclimate.simulators.data;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.acclimate.runtime.AcclimateException;
import java.nio.file.Path;
import org.junit.jupiter.api.function.Executable;

/** The check of an error that names its file. */
final class Refused {
  private Refused() {}

  static void assertRefused(Executable action, Path file, String text) {
    String message = assertThrows(AcclimateException.class, action).getMessage();
    assertTrue(message.startsWith(file + ": "), message);
    assertTrue(message.contains(text), message);
  }
}

package io.acclimate.runtime;

import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes the temporary folder into which ONNX Runtime unpacks its native libraries. ONNX Runtime
 * asks the JVM to delete the folder before the files in it, so that an empty folder would be left
 * at each run.
 */
final class NativeFolder {
  private static final Logger LOG = LoggerFactory.getLogger(NativeFolder.class);

  private NativeFolder() {}

  /**
   * Arranges for the removal when the JVM ends; to be called once, after the libraries are loaded.
   */
  static void removeAtExit() {
    Path folder = find();
    if (folder != null) {
      Runtime.getRuntime().addShutdownHook(new Thread(() -> remove(folder), "native-folder"));
    }
  }

  /** ONNX Runtime tells nobody where its folder is; null when its private field is not there. */
  private static Path find() {
    try {
      Field field = Class.forName("ai.onnxruntime.OnnxRuntime").getDeclaredField("tempDirectory");
      field.setAccessible(true);
      return (Path) field.get(null);
    } catch (ReflectiveOperationException | RuntimeException e) {
      LOG.debug("the folder of ONNX Runtime's native libraries is not known", e);
      return null;
    }
  }

  private static void remove(Path folder) {
    try (Stream<Path> found = Files.list(folder)) {
      List<Path> files = found.toList();
      for (Path file : files) {
        Files.deleteIfExists(file);
      }
      Files.deleteIfExists(folder);
    } catch (IOException e) {
      LOG.debug("cannot remove {}", folder, e);
    }
  }
}

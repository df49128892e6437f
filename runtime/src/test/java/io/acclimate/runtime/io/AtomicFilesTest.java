package io.acclimate.runtime.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.acclimate.runtime.AcclimateException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFilesTest {
  @TempDir Path folder;
  private Path target;

  @BeforeEach
  void nameTarget() {
    target = folder.resolve("state.bin");
  }

  @Test
  void createsAndReplaces() throws IOException {
    AtomicFiles.write(target, text("first, and longer"));
    AtomicFiles.write(target, text("second"));
    assertEquals("second", Files.readString(target));
    assertEquals(List.of(target), entries());
  }

  @Test
  void contentMayCloseItsStream() throws IOException {
    AtomicFiles.write(
        target,
        out -> {
          text("closed").accept(out);
          out.close();
        });
    assertEquals("closed", Files.readString(target));
  }

  @Test
  void targetIsNotSeenBeforeItIsWhole() throws IOException {
    AtomicFiles.write(target, text("old"));
    AtomicFiles.write(
        target,
        out -> {
          text("new").accept(out);
          out.flush();
          assertEquals("old", Files.readString(target));
        });
    assertEquals("new", Files.readString(target));
  }

  @Test
  void fullDiskLeavesTheOldFileAndNothingElse() throws IOException {
    AtomicFiles.write(target, text("old"));
    IOException full = new IOException("No space left on device");
    AcclimateException error =
        assertThrows(
            AcclimateException.class,
            () ->
                AtomicFiles.write(
                    target,
                    out -> {
                      text("half").accept(out);
                      throw full;
                    }));
    assertTrue(error.getMessage().contains("state.bin"), error.getMessage());
    assertTrue(error.getMessage().contains("No space left on device"), error.getMessage());
    assertSame(full, error.getCause());
    assertEquals("old", Files.readString(target));
    assertEquals(List.of(target), entries());
  }

  @Test
  void errorOfTheContentPassesThroughAndNothingIsLeft() throws IOException {
    IllegalStateException thrown = new IllegalStateException("no content");
    assertSame(
        thrown,
        assertThrows(
            IllegalStateException.class,
            () ->
                AtomicFiles.write(
                    target,
                    out -> {
                      throw thrown;
                    })));
    assertEquals(List.of(), entries());
  }

  @Test
  void refusesPlacesThatCannotHoldTheFile() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    assertRefused(folder, "found a folder");
    assertRefused(Path.of("/"), "found a folder");
    assertRefused(folder.resolve("missing").resolve("x"), "found nothing there");
    assertRefused(file.resolve("x"), "found a file in its place");
    assertEquals(List.of(file), entries());
  }

  @Test
  void refusesFolderWithoutTheRightToWrite() {
    assertTrue(folder.toFile().setWritable(false));
    try {
      assumeFalse(Files.isWritable(folder), "this user may write everywhere");
      assertRefused(target, "found no right to write");
    } finally {
      assertTrue(folder.toFile().setWritable(true));
    }
  }

  /** A process that begins to write a file and does not end. */
  static final class Endless {
    public static void main(String[] arguments) {
      AtomicFiles.write(
          Path.of(arguments[0]),
          out -> {
            out.write(new byte[1 << 20]);
            System.out.println("writing");
            new CompletableFuture<Void>().join();
          });
    }
  }

  /** As Ctrl-C or a service manager ends a command in the middle of its work. */
  @Test
  void aProcessThatIsToldToEndLeavesNothing() throws Exception {
    Files.writeString(target, "old");
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                classPath,
                Endless.class.getName(),
                target.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    assertEquals('w', process.getInputStream().read());
    assertEquals(2, list().size());
    process.destroy();
    assertNotEquals(0, process.waitFor());
    assertEquals(List.of(target), list());
    assertEquals("old", Files.readString(target));
  }

  private List<Path> list() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    }
  }

  private static void assertRefused(Path place, String found) {
    AcclimateException error =
        assertThrows(AcclimateException.class, () -> AtomicFiles.write(place, text("x")));
    assertTrue(error.getMessage().startsWith(place.toString()), error.getMessage());
    assertTrue(error.getMessage().contains(found), error.getMessage());
  }

  private static IoConsumer<OutputStream> text(String text) {
    return out -> out.write(text.getBytes(StandardCharsets.UTF_8));
  }

  private List<Path> entries() throws IOException {
    try (Stream<Path> list = Files.list(folder)) {
      return list.toList();
    }
  }
}

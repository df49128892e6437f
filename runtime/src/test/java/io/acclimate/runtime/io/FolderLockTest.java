package io.acclimate.runtime.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.acclimate.runtime.AcclimateException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderLockTest {
  @TempDir Path root;

  @Test
  void oneOwnerAtATime() throws IOException {
    Path folder = root.resolve("new");
    FolderLock lock = FolderLock.take("garden", folder);
    String self = Long.toString(ProcessHandle.current().pid());
    assertEquals(self, Files.readString(folder.resolve("garden.lock")));
    AcclimateException refused =
        assertThrows(AcclimateException.class, () -> FolderLock.take("garden", folder));
    assertEquals(
        "garden %s: expected to be its only writer, found process %s writing to it"
            .formatted(folder, self),
        refused.getMessage());
    FolderLock.take("pond", folder).close();
    lock.close();
    lock.close();
    FolderLock.take("garden", folder).close();
  }

  @Test
  void whatIsNoFolderIsNamed() throws IOException {
    Path file = Files.createFile(root.resolve("file"));
    AcclimateException refused =
        assertThrows(AcclimateException.class, () -> FolderLock.take("garden", file));
    assertTrue(refused.getMessage().startsWith("garden " + file), refused.getMessage());
  }
}

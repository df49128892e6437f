package io.acclimate.runtime.io;

import io.acclimate.runtime.AcclimateException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Writes files so that a reader sees the old content or the whole new content, never a part of it:
 * the bytes go to a hidden file in the same folder, are forced to the disk, and then take the
 * target's name in one step.
 *
 * <p>Stateless, safe for all threads; of several writers of one target the last rename wins.
 */
public final class AtomicFiles {
  private static final String ASIDE = ".tmp";

  /** Hidden files that are being written. */
  private static final Set<Path> UNDER_WAY = ConcurrentHashMap.newKeySet();

  static {
    // SIGTERM does not wait for those who write
    Runtime.getRuntime().addShutdownHook(new Thread(() -> UNDER_WAY.forEach(AtomicFiles::remove)));
  }

  private AtomicFiles() {}

  /**
   * Creates or replaces a file.
   *
   * @param target the file; its folder must exist
   * @param content writes all bytes to the stream it is given; it may close that stream
   * @throws AcclimateException if the folder is missing or not writable, the target is a folder, or
   *     writing fails; the target is then as it was before and nothing else is left behind, also
   *     when the process is told to end meanwhile
   */
  public static void write(Path target, IoConsumer<OutputStream> content) {
    requireWritable(target);
    Path folder = target.toAbsolutePath().getParent();
    Path aside = folder.resolve(asidePrefix(target) + UUID.randomUUID() + ASIDE);
    UNDER_WAY.add(aside);
    try {
      writeForced(aside, content);
      Files.move(aside, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new AcclimateException(
          target + ": expected to write the file, found: " + InputFiles.describe(e), e);
    } finally {
      remove(aside);
      UNDER_WAY.remove(aside);
    }
  }

  /**
   * Whether a file was written aside for a target, and left behind by a process that was killed.
   */
  public static boolean isAside(Path file, Path target) {
    String name = file.getFileName().toString();
    return name.startsWith(asidePrefix(target)) && name.endsWith(ASIDE);
  }

  private static String asidePrefix(Path target) {
    return "." + target.getFileName() + ".";
  }

  /**
   * Checks that a file can be created or replaced; for use before long work whose result it takes.
   *
   * @throws AcclimateException if the folder is missing or not writable, or the target is a folder
   */
  public static void requireWritable(Path target) {
    Path folder = target.toAbsolutePath().getParent();
    if (folder == null || Files.isDirectory(target)) {
      throw new AcclimateException(target + ": expected a file to write, found a folder");
    }
    if (!Files.isDirectory(folder)) {
      String found = Files.exists(folder) ? "a file in its place" : "nothing there";
      throw new AcclimateException(target + ": expected the folder " + folder + ", found " + found);
    }
    if (!Files.isWritable(folder)) {
      throw new AcclimateException(
          target + ": expected a writable folder, found no right to write in " + folder);
    }
  }

  private static void writeForced(Path aside, IoConsumer<OutputStream> content) throws IOException {
    try (OutputStream out =
        new BufferedOutputStream(
            Files.newOutputStream(aside, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            1 << 16)) {
      content.accept(out);
    }
    try (FileChannel channel = FileChannel.open(aside, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
  }

  /** After a success the file has its new name already, and there is nothing to remove. */
  private static void remove(Path aside) {
    try {
      Files.deleteIfExists(aside);
    } catch (IOException e) {
      // The error that stopped the write is the one to report.
    }
  }
}

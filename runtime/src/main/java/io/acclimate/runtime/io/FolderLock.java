package io.acclimate.runtime.io;

import io.acclimate.runtime.AcclimateException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The right to write to a folder, held by one owner at a time, in this process or another. The
 * operating system gives it back when the process ends, however it ends. Thread-safe.
 */
public final class FolderLock implements AutoCloseable {
  private final Path file;
  private final FileChannel channel;

  private FolderLock(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /**
   * Takes the lock, which is a file {@code KIND.lock} with the number of the process in it.
   *
   * @param kind what the folder holds, such as {@code journal}; names the file, and begins errors
   * @param folder created where it is missing
   * @throws AcclimateException when somebody else holds it, in this process or another, or the
   *     folder cannot be written to
   */
  public static FolderLock take(String kind, Path folder) {
    Path file = folder.resolve(kind + ".lock");
    FileChannel channel;
    try {
      Files.createDirectories(folder);
      channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    } catch (IOException e) {
      throw new AcclimateException(
          "%s %s: expected a folder to write to, found: %s".formatted(kind, folder, e), e);
    }
    try {
      if (tryLock(channel)) {
        byte[] pid = Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.UTF_8);
        channel.truncate(0).write(ByteBuffer.wrap(pid), 0);
        return new FolderLock(file, channel);
      }
      String holder = Files.readString(file).strip();
      channel.close();
      throw new AcclimateException(
          "%s %s: expected to be its only writer, found process %s writing to it"
              .formatted(kind, folder, holder.isEmpty() ? "unknown" : holder));
    } catch (IOException e) {
      throw new AcclimateException(file + ": expected to lock it, found: " + e, e);
    }
  }

  private static boolean tryLock(FileChannel channel) throws IOException {
    try {
      FileLock lock = channel.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException e) {
      return false; // held by this process
    }
  }

  /** Gives the right back. Twice does nothing. */
  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new AcclimateException(file + ": expected to give the lock back, found: " + e, e);
    }
  }
}

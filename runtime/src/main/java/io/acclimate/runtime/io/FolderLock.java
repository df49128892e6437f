package io.acclimate.replay.journal;

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
 * The right to write to a journal, held by one process at a time. The operating system gives it
 * back when the process ends, however it ends.
 */
final class JournalLock implements AutoCloseable {
  private final FileChannel channel;

  private JournalLock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Takes the lock.
   *
   * @throws AcclimateException when another process or this one holds it, or the folder cannot be
   *     written to
   */
  static JournalLock take(Path folder) {
    Path file = folder.resolve("journal.lock");
    FileChannel channel;
    try {
      channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    } catch (IOException e) {
      throw new AcclimateException(
          "journal %s: expected a folder to write to, found: %s".formatted(folder, e), e);
    }
    try {
      if (tryLock(channel)) {
        byte[] pid = Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.UTF_8);
        channel.truncate(0).write(ByteBuffer.wrap(pid), 0);
        return new JournalLock(channel);
      }
      String holder = Files.readString(file).strip();
      channel.close();
      throw new AcclimateException(
          "journal %s: expected to be its only writer, found process %s writing to it"
              .formatted(folder, holder.isEmpty() ? "unknown" : holder));
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

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new AcclimateException("the journal's lock could not be given back: " + e, e);
    }
  }
}

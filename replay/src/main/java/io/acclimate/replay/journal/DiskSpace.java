package io.acclimate.replay.journal;

import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Takes disk space for a journal before it is written to.
 *
 * <p>Chronicle Queue writes into mapped, sparse files; a disk that fills up while a page is touched
 * ends in a signal, not in an exception. So room ahead of the writer is filled with zeros through
 * the file system first, which fails cleanly. Belongs to one thread.
 */
class DiskSpace implements AutoCloseable {
  /** How much is taken at a time. */
  private static final int STEP_BYTES = 1 << 20;

  /** Room beyond a record for the index pages that Chronicle puts between records. */
  private static final int MARGIN_BYTES = 1 << 18;

  private static final int PAGE_BYTES = 4096;

  private final Path folder;
  private final long minFreeBytes;
  private final ByteBuffer zeros = ByteBuffer.allocateDirect(STEP_BYTES);
  private File file;
  private FileChannel channel;
  private long takenUpTo;

  DiskSpace(Path folder, long minFreeBytes) {
    this.folder = folder;
    this.minFreeBytes = minFreeBytes;
  }

  /**
   * Makes sure that a new file can be begun, or one whose end is not known yet.
   *
   * @throws IOException when there is no room
   */
  void forNewFile(int recordBytes) throws IOException {
    requireFree(recordBytes);
    Path probe = Files.createTempFile(folder, "room", ".tmp");
    try (FileChannel out = FileChannel.open(probe, StandardOpenOption.WRITE)) {
      for (long at = 0; at < STEP_BYTES + MARGIN_BYTES + (long) recordBytes; at += STEP_BYTES) {
        out.write(zeros.clear(), at);
      }
    } finally {
      Files.delete(probe);
    }
  }

  /**
   * Makes sure that a record fits behind this place of a file.
   *
   * @throws IOException when there is no room; what was written before is untouched
   */
  void take(File target, long position, int recordBytes) throws IOException {
    if (!target.equals(file)) {
      close();
      file = target;
      channel = FileChannel.open(target.toPath(), StandardOpenOption.WRITE);
      takenUpTo = (position + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
    }
    long needed = position + recordBytes + MARGIN_BYTES;
    if (needed <= takenUpTo) {
      return;
    }
    requireFree(recordBytes);
    while (takenUpTo < needed) {
      takenUpTo += write(channel, zeros.clear(), takenUpTo);
    }
  }

  /** One write; a test puts a failing disk in its place. */
  int write(FileChannel to, ByteBuffer bytes, long position) throws IOException {
    return to.write(bytes, position);
  }

  private void requireFree(int recordBytes) throws IOException {
    long free = Files.getFileStore(folder).getUsableSpace();
    if (free < minFreeBytes + recordBytes) {
      throw new IOException(
          "%d bytes free, %d of them to be left free".formatted(free, minFreeBytes));
    }
  }

  /** Forces what was written to a file onto the disk, through whatever mapping it was written. */
  static void force(File file) throws IOException {
    try (FileChannel channel = FileChannel.open(file.toPath(), StandardOpenOption.WRITE)) {
      channel.force(false);
    }
  }

  @Override
  public void close() throws IOException {
    if (channel != null) {
      channel.close();
      channel = null;
      file = null;
    }
  }
}

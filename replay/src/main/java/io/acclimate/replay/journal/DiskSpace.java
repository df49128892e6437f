package io.acclimate.replay.journal;

import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Makes sure that a journal has disk space before it is written to.
 *
 * <p>Chronicle Queue writes into mapped, sparse files; a disk that fills up while a page is touched
 * ends in a signal, not in an exception. While the disk has plenty of room it is enough to look at
 * it often. When little is left, room ahead of the writer is filled with zeros through the file
 * system first, which fails cleanly. Belongs to one thread.
 */
class DiskSpace implements AutoCloseable {
  /** More free bytes than anybody writes between two looks. */
  private static final long PLENTY_BYTES = 1L << 30;

  private static final long LOOK_NANOS = 100_000_000;

  /** How far ahead room is looked for or filled at a time. */
  private static final int STEP_BYTES = 1 << 20;

  /** Room beyond a record for the index pages that Chronicle puts between records. */
  private static final int MARGIN_BYTES = 1 << 18;

  private static final int PAGE_BYTES = 4096;

  private final Path folder;
  private final long minFreeBytes;
  private final ByteBuffer zeros = ByteBuffer.allocateDirect(STEP_BYTES);
  private File file;
  private FileChannel channel;
  private long filledUpTo;
  private long lookedUpTo;
  private long lookedAt;

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
    if (requireFree(recordBytes) > PLENTY_BYTES) {
      return;
    }
    Path probe = Files.createTempFile(folder, "room", ".tmp");
    try (FileChannel out = FileChannel.open(probe, StandardOpenOption.WRITE)) {
      for (long at = 0; at < STEP_BYTES + MARGIN_BYTES + (long) recordBytes; at += STEP_BYTES) {
        write(out, zeros.clear(), at);
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
      filledUpTo = 0;
      lookedUpTo = 0;
    }
    long needed = position + recordBytes + MARGIN_BYTES;
    if (needed <= filledUpTo) {
      return;
    }
    long now = System.nanoTime();
    if (needed <= lookedUpTo && now - lookedAt < LOOK_NANOS) {
      return;
    }
    if (requireFree(recordBytes) > PLENTY_BYTES) {
      lookedUpTo = needed + STEP_BYTES;
      lookedAt = now;
    } else {
      fill(position, needed);
    }
  }

  private void fill(long position, long needed) throws IOException {
    lookedUpTo = 0;
    filledUpTo = Math.max(filledUpTo, (position + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES);
    while (filledUpTo < needed) {
      filledUpTo += write(channel, zeros.clear(), filledUpTo);
    }
  }

  /** One write; a test puts a failing disk in its place. */
  int write(FileChannel to, ByteBuffer bytes, long position) throws IOException {
    return to.write(bytes, position);
  }

  /** Free bytes of the disk; a test puts a small disk in its place. */
  long freeBytes() throws IOException {
    return Files.getFileStore(folder).getUsableSpace();
  }

  /** The free bytes beyond what is to be left free. */
  private long requireFree(int recordBytes) throws IOException {
    long free = freeBytes();
    if (free < minFreeBytes + recordBytes) {
      throw new IOException(
          "%d bytes free, %d of them to be left free".formatted(free, minFreeBytes));
    }
    return free - minFreeBytes;
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

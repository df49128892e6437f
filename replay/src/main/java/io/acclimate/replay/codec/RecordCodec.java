package io.acclimate.replay.codec;

import io.acclimate.replay.event.JournalEvent;
import io.airlift.compress.MalformedInputException;
import io.airlift.compress.zstd.ZstdCompressor;
import io.airlift.compress.zstd.ZstdDecompressor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * Writes and reads one record: a head of {@value #HEAD_BYTES} bytes, then the body. All numbers are
 * little-endian.
 *
 * <pre>
 * offset  bytes  what
 *      0      1  version of the format, {@value #VERSION}
 *      1      1  kind of event
 *      2      2  flags: bit 0, the body is compressed (zstd)
 *      4      4  length of the body as it stands
 *      8      8  sequence number
 *     16      8  time of writing, milliseconds since 1970
 *     24      8  time of expiry, 0 for never
 *     32      4  length of the body before compression
 *     36      4  CRC-32C of all bytes but these four
 *     40         the body
 * </pre>
 *
 * <p>Reuses its buffers; not thread-safe.
 */
public final class RecordCodec {
  /** The version that is written. */
  public static final int VERSION = 1;

  /** The size of a record's head. */
  public static final int HEAD_BYTES = 40;

  /** The largest record, head included. */
  public static final int MAX_BYTES = 1 << 28;

  private static final int COMPRESSED = 1;
  private static final int KIND_AT = 1;
  private static final int FLAGS_AT = 2;
  private static final int LENGTH_AT = 4;
  private static final int SEQUENCE_AT = 8;
  private static final int TIME_AT = 16;
  private static final int EXPIRY_AT = 24;
  private static final int RAW_LENGTH_AT = 32;
  private static final int CHECKSUM_AT = 36;

  private final boolean compress;
  private final BodyWriter body = new BodyWriter();
  private final CRC32C crc = new CRC32C();
  private final ZstdCompressor compressor = new ZstdCompressor();
  private final ZstdDecompressor decompressor = new ZstdDecompressor();
  private ByteBuffer packed = ByteBuffer.allocate(0);

  /**
   * Creates a codec.
   *
   * @param compress whether bodies are written compressed, where that makes them smaller
   */
  public RecordCodec(boolean compress) {
    this.compress = compress;
  }

  /**
   * Writes one record.
   *
   * @return the record from position to limit, backed by an array; valid until the next call
   */
  public ByteBuffer encode(long sequence, long timeMillis, long expiresAt, JournalEvent event) {
    EventBodies.Kind<?> kind = EventBodies.of(event);
    kind.write(body.restart(HEAD_BYTES), event);
    int rawLength = body.buffer().position() - HEAD_BYTES;
    ByteBuffer record = compress ? pack(rawLength) : body.buffer();
    boolean compressed = record != body.buffer();
    int length = record.position() - HEAD_BYTES;
    record.put(0, (byte) VERSION).put(KIND_AT, (byte) kind.code());
    record.putShort(FLAGS_AT, (short) (compressed ? COMPRESSED : 0)).putInt(LENGTH_AT, length);
    record.putLong(SEQUENCE_AT, sequence).putLong(TIME_AT, timeMillis);
    record.putLong(EXPIRY_AT, expiresAt).putInt(RAW_LENGTH_AT, rawLength);
    record.flip();
    record.putInt(CHECKSUM_AT, checksum(record, 0, length));
    return record;
  }

  /** The body, compressed behind room for a head; the plain one where that is not smaller. */
  private ByteBuffer pack(int rawLength) {
    int most = HEAD_BYTES + compressor.maxCompressedLength(rawLength);
    if (packed.capacity() < most) {
      packed = ByteBuffer.allocate(most).order(ByteOrder.LITTLE_ENDIAN);
    }
    byte[] plain = body.buffer().array();
    byte[] target = packed.array();
    int length =
        compressor.compress(plain, HEAD_BYTES, rawLength, target, HEAD_BYTES, most - HEAD_BYTES);
    return length < rawLength ? packed.clear().position(HEAD_BYTES + length) : body.buffer();
  }

  /**
   * Reads one record.
   *
   * @param in the record from position to limit, no more and no less; the position moves to the end
   * @throws DamagedRecordException when it is not a whole, unchanged record of a known version
   */
  public JournalRecord decode(ByteBuffer in) {
    ByteBuffer record = in.order(ByteOrder.LITTLE_ENDIAN);
    int start = record.position();
    int bytes = record.remaining();
    int length = checkHead(record, start, bytes);
    int kind = record.get(start + KIND_AT);
    boolean compressed = (record.getShort(start + FLAGS_AT) & COMPRESSED) != 0;
    record.position(start + HEAD_BYTES);
    ByteBuffer plain =
        compressed ? unpack(record, length, record.getInt(start + RAW_LENGTH_AT)) : record;
    BodyReader reader = new BodyReader(plain);
    JournalEvent event = EventBodies.of(kind).reader().apply(reader);
    if (reader.remaining() != 0) {
      throw new DamagedRecordException(
          "expected a body of %d bytes, found %d more bytes".formatted(length, reader.remaining()));
    }
    record.position(start + bytes);
    return new JournalRecord(
        record.getLong(start + SEQUENCE_AT),
        record.getLong(start + TIME_AT),
        record.getLong(start + EXPIRY_AT),
        bytes,
        event);
  }

  /** The sequence number of a record whose checksum fits; cheaper than reading it all. */
  public long sequence(ByteBuffer in) {
    ByteBuffer record = in.order(ByteOrder.LITTLE_ENDIAN);
    checkHead(record, record.position(), record.remaining());
    return record.getLong(record.position() + SEQUENCE_AT);
  }

  private int checkHead(ByteBuffer record, int start, int bytes) {
    if (bytes < HEAD_BYTES) {
      throw new DamagedRecordException(
          "expected a record of at least %d bytes, found %d".formatted(HEAD_BYTES, bytes));
    }
    int version = record.get(start);
    if (version != VERSION) {
      throw new DamagedRecordException(
          "expected a record of version %d, found version %d".formatted(VERSION, version));
    }
    int length = record.getInt(start + LENGTH_AT);
    if (length != bytes - HEAD_BYTES) {
      throw new DamagedRecordException(
          "expected a body of %d bytes, found %d bytes".formatted(length, bytes - HEAD_BYTES));
    }
    int expected = record.getInt(start + CHECKSUM_AT);
    int found = checksum(record, start, length);
    if (expected != found) {
      throw new DamagedRecordException(
          "expected checksum %08x, found %08x".formatted(expected, found));
    }
    return length;
  }

  private int checksum(ByteBuffer record, int start, int length) {
    crc.reset();
    crc.update(record.duplicate().limit(start + CHECKSUM_AT).position(start));
    int body = start + HEAD_BYTES;
    crc.update(record.duplicate().limit(body + length).position(body));
    return (int) crc.getValue();
  }

  private ByteBuffer unpack(ByteBuffer record, int length, int rawLength) {
    if (rawLength < 0 || rawLength > MAX_BYTES) {
      throw new DamagedRecordException(
          "expected a body of at most %d bytes, found %d".formatted(MAX_BYTES, rawLength));
    }
    byte[] stored = new byte[length];
    record.get(stored);
    byte[] plain = new byte[rawLength];
    try {
      int found = decompressor.decompress(stored, 0, length, plain, 0, rawLength);
      if (found == rawLength) {
        return ByteBuffer.wrap(plain);
      }
      throw new DamagedRecordException(
          "expected %d bytes after decompression, found %d".formatted(rawLength, found));
    } catch (MalformedInputException e) {
      throw new DamagedRecordException("expected a zstd body, found " + e.getMessage(), e);
    }
  }
}

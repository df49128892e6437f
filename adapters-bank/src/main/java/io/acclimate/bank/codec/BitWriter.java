package io.acclimate.bank.codec;

import java.io.ByteArrayOutputStream;

/** Packs bits into bytes, the first into the highest bit. */
final class BitWriter {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private int current;
  private int filled;

  void write(boolean bit) {
    current = current << 1 | (bit ? 1 : 0);
    if (++filled == Byte.SIZE) {
      bytes.write(current);
      current = 0;
      filled = 0;
    }
  }

  /** The lowest bits of a number, the highest of them first. */
  void write(int number, int count) {
    for (int bit = count - 1; bit >= 0; bit--) {
      write((number >> bit & 1) == 1);
    }
  }

  /** Everything written, filled up with zeros. */
  byte[] toBytes() {
    while (filled > 0) {
      write(false);
    }
    return bytes.toByteArray();
  }
}

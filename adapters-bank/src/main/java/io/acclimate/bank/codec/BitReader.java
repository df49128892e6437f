package io.acclimate.bank.codec;

/** Takes out bits that a {@link BitWriter} packed; past the end is an index error. */
final class BitReader {
  private final byte[] bytes;
  private int at;

  BitReader(byte[] bytes) {
    this.bytes = bytes;
  }

  boolean read() {
    boolean bit = (bytes[at / Byte.SIZE] >> Byte.SIZE - 1 - at % Byte.SIZE & 1) == 1;
    at++;
    return bit;
  }

  int read(int count) {
    int number = 0;
    for (int i = 0; i < count; i++) {
      number = number << 1 | (read() ? 1 : 0);
    }
    return number;
  }
}

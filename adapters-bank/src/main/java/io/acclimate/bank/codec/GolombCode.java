package io.acclimate.bank.codec;

/**
 * Golomb's code of whole numbers from 0: short for small ones, and for gaps between independent
 * events within 2 % of the entropy (Golomb, Run-length encodings, 1966).
 */
final class GolombCode {
  private GolombCode() {}

  /** The best divisor for gaps between events of this probability. */
  static int divisorFor(double probability) {
    return Math.max(1, (int) Math.ceil(-Math.log(2 - probability) / Math.log1p(-probability)));
  }

  /** Writes the quotient in unary and the remainder in truncated binary. */
  static void write(BitWriter bits, int number, int divisor) {
    for (int quotient = number / divisor; quotient > 0; quotient--) {
      bits.write(true);
    }
    bits.write(false);
    int remainder = number % divisor;
    int length = bitsOf(divisor);
    int shortOnes = (1 << length) - divisor;
    if (remainder < shortOnes) {
      bits.write(remainder, length - 1);
    } else {
      bits.write(remainder + shortOnes, length);
    }
  }

  /** Reads one number. */
  static int read(BitReader bits, int divisor) {
    int quotient = 0;
    while (bits.read()) {
      quotient++;
    }
    int length = bitsOf(divisor);
    int shortOnes = (1 << length) - divisor;
    int remainder = bits.read(Math.max(length - 1, 0));
    if (length > 0 && remainder >= shortOnes) {
      remainder = 2 * remainder + bits.read(1) - shortOnes;
    }
    return quotient * divisor + remainder;
  }

  /** The least number of bits that can tell {@code divisor} values apart. */
  private static int bitsOf(int divisor) {
    return Integer.SIZE - Integer.numberOfLeadingZeros(divisor - 1);
  }
}

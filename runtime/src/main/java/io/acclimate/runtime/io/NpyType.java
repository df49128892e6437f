package io.acclimate.runtime.io;

/** The element types of NumPy arrays that {@link Npy} reads and writes. */
public enum NpyType {
  /** 32-bit IEEE float. */
  F4("<f4", Float.BYTES),
  /** 64-bit IEEE float. */
  F8("<f8", Double.BYTES),
  /** 32-bit signed integer. */
  I4("<i4", Integer.BYTES),
  /** 64-bit signed integer. */
  I8("<i8", Long.BYTES),
  /** 8-bit unsigned integer. */
  U1("|u1", Byte.BYTES),
  /** 8-bit signed integer. */
  I1("|i1", Byte.BYTES),
  /** Boolean: one byte, 0 or 1. */
  B1("|b1", Byte.BYTES);

  private final String descr;
  private final int bytes;

  NpyType(String descr, int bytes) {
    this.descr = descr;
    this.bytes = bytes;
  }

  /** NumPy's name of the type in little-endian order, such as {@code <f4}. */
  public String descr() {
    return descr;
  }

  /** The size of one element in bytes. */
  public int bytes() {
    return bytes;
  }

  /** Whether the elements are floating-point numbers. */
  public boolean isFloating() {
    return this == F4 || this == F8;
  }
}

package io.acclimate.replay.codec;

import io.acclimate.replay.event.FloatArray;
import io.acclimate.runtime.AcclimateException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Reads what a {@link BodyWriter} has written. Lengths are checked before memory is taken. Not
 * thread-safe.
 */
public final class BodyReader {
  private static final int MAX_RANK = 32;

  private final ByteBuffer in;

  /** Reads the remaining bytes of a buffer; its position moves. */
  public BodyReader(ByteBuffer in) {
    this.in = in.order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Reads an array. */
  public BodyReader(byte[] bytes) {
    this(ByteBuffer.wrap(bytes));
  }

  /** Reads a truth value. */
  public boolean flag() {
    byte value = take(1).get();
    if (value != 0 && value != 1) {
      throw new DamagedRecordException("expected 0 or 1, found " + value);
    }
    return value == 1;
  }

  /** Reads a 32-bit integer. */
  public int integer() {
    return take(Integer.BYTES).getInt();
  }

  /** Reads a 64-bit integer. */
  public long wholeNumber() {
    return take(Long.BYTES).getLong();
  }

  /** Reads a 64-bit IEEE number. */
  public double number() {
    return take(Double.BYTES).getDouble();
  }

  /** Reads a text. */
  public String text() {
    return new String(bytes(), StandardCharsets.UTF_8);
  }

  /** Reads bytes with their number before them. */
  public byte[] bytes() {
    byte[] value = new byte[length(1)];
    in.get(value);
    return value;
  }

  /** Reads 32-bit integers with their number before them. */
  public int[] integers() {
    int[] values = new int[length(Integer.BYTES)];
    in.asIntBuffer().get(values);
    in.position(in.position() + Integer.BYTES * values.length);
    return values;
  }

  /** Reads floats with their number before them. */
  public float[] floats() {
    float[] values = new float[length(Float.BYTES)];
    in.asFloatBuffer().get(values);
    in.position(in.position() + Float.BYTES * values.length);
    return values;
  }

  /** Reads doubles with their number before them. */
  public double[] numbers() {
    double[] values = new double[length(Double.BYTES)];
    in.asDoubleBuffer().get(values);
    in.position(in.position() + Double.BYTES * values.length);
    return values;
  }

  /** Reads an array that may be missing. */
  public Optional<FloatArray> array() {
    if (!flag()) {
      return Optional.empty();
    }
    int rank = integer();
    if (rank < 0 || rank > MAX_RANK) {
      throw new DamagedRecordException("expected a rank from 0 to 32, found " + rank);
    }
    long[] shape = new long[rank];
    for (int axis = 0; axis < rank; axis++) {
      shape[axis] = wholeNumber();
    }
    try {
      return Optional.of(new FloatArray(shape, floats()));
    } catch (AcclimateException | ArithmeticException e) {
      throw new DamagedRecordException(e.getMessage(), e);
    }
  }

  /** Bytes not read yet. */
  public int remaining() {
    return in.remaining();
  }

  private int length(int elementBytes) {
    int count = integer();
    if (count < 0 || (long) count * elementBytes > in.remaining()) {
      throw new DamagedRecordException(
          "expected %d elements of %d bytes, found %d bytes left"
              .formatted(count, elementBytes, in.remaining()));
    }
    return count;
  }

  private ByteBuffer take(int bytes) {
    if (in.remaining() < bytes) {
      throw new DamagedRecordException(
          "expected %d more bytes, found %d".formatted(bytes, in.remaining()),
          new BufferUnderflowException());
    }
    return in;
  }
}

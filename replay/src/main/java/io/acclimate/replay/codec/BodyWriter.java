package io.acclimate.replay.codec;

import io.acclimate.replay.event.FloatArray;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/** Writes fields one after the other into a growing little-endian buffer. Not thread-safe. */
public final class BodyWriter {
  private static final int FIRST_BYTES = 1 << 12;

  private ByteBuffer out = allocate(FIRST_BYTES);

  private static ByteBuffer allocate(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Forgets what was written and leaves this many bytes free at the front. */
  BodyWriter restart(int headBytes) {
    out.clear();
    room(headBytes);
    out.position(headBytes);
    return this;
  }

  /** The buffer from its start; valid until the next write. */
  ByteBuffer buffer() {
    return out;
  }

  private void room(int bytes) {
    if (out.remaining() < bytes) {
      int wanted = Math.addExact(out.position(), bytes);
      int capacity = (int) Math.min(Integer.MAX_VALUE - 8L, Math.max(2L * out.capacity(), wanted));
      int position = out.position();
      out = ByteBuffer.wrap(Arrays.copyOf(out.array(), capacity)).order(ByteOrder.LITTLE_ENDIAN);
      out.position(position);
    }
  }

  /** Writes one byte. */
  public BodyWriter flag(boolean value) {
    room(1);
    out.put((byte) (value ? 1 : 0));
    return this;
  }

  /** Writes a 32-bit integer. */
  public BodyWriter integer(int value) {
    room(Integer.BYTES);
    out.putInt(value);
    return this;
  }

  /** Writes a 64-bit integer. */
  public BodyWriter wholeNumber(long value) {
    room(Long.BYTES);
    out.putLong(value);
    return this;
  }

  /** Writes a 64-bit IEEE number. */
  public BodyWriter number(double value) {
    room(Double.BYTES);
    out.putDouble(value);
    return this;
  }

  /** Writes a text: its length in bytes and UTF-8. */
  public BodyWriter text(String value) {
    return bytes(value.getBytes(StandardCharsets.UTF_8));
  }

  /** Writes bytes with their number before them. */
  public BodyWriter bytes(byte[] value) {
    room(Integer.BYTES + value.length);
    out.putInt(value.length).put(value);
    return this;
  }

  /** Writes 32-bit integers with their number before them. */
  public BodyWriter integers(int[] values) {
    room(Integer.BYTES * (values.length + 1));
    out.putInt(values.length);
    out.asIntBuffer().put(values);
    out.position(out.position() + Integer.BYTES * values.length);
    return this;
  }

  /** Writes floats with their number before them. */
  public BodyWriter floats(float[] values) {
    room(Math.addExact(Integer.BYTES, Math.multiplyExact(Float.BYTES, values.length)));
    out.putInt(values.length);
    out.asFloatBuffer().put(values);
    out.position(out.position() + Float.BYTES * values.length);
    return this;
  }

  /** Writes doubles with their number before them. */
  public BodyWriter numbers(double[] values) {
    room(Math.addExact(Integer.BYTES, Math.multiplyExact(Double.BYTES, values.length)));
    out.putInt(values.length);
    out.asDoubleBuffer().put(values);
    out.position(out.position() + Double.BYTES * values.length);
    return this;
  }

  /** Writes whether there is an array, then rank, dimensions and values. */
  public BodyWriter array(Optional<FloatArray> value) {
    flag(value.isPresent());
    if (value.isPresent()) {
      long[] shape = value.get().shape();
      integer(shape.length);
      for (long dimension : shape) {
        wholeNumber(dimension);
      }
      floats(value.get().values());
    }
    return this;
  }

  /** A copy of everything written. */
  public byte[] toBytes() {
    return Arrays.copyOf(out.array(), out.position());
  }
}

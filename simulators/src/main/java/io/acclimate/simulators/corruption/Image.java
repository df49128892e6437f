package io.acclimate.simulators.corruption;

import io.acclimate.runtime.AcclimateException;
import java.util.Arrays;

/**
 * An image of unsigned bytes in the order row, column, channel: shape {@code [height, width,
 * channels]}, values 0..255. One channel is grey, three are red, green and blue.
 *
 * <p>Immutable and safe to share between threads.
 */
public final class Image {
  private final int height;
  private final int width;
  private final int channels;
  private final byte[] data;

  private Image(int height, int width, int channels, byte[] data) {
    this.height = height;
    this.width = width;
    this.channels = channels;
    this.data = data;
  }

  /**
   * Creates an image from a copy of the given samples.
   *
   * @param height rows, at least 1
   * @param width columns, at least 1
   * @param channels 1 (grey) or 3 (red, green, blue)
   * @param data {@code height * width * channels} unsigned bytes; sample (y, x, c) is at {@code (y
   *     * width + x) * channels + c}
   * @throws AcclimateException when a side, the channels or the number of samples is wrong
   */
  public static Image of(int height, int width, int channels, byte[] data) {
    return wrap(height, width, channels, data.clone());
  }

  /** As {@link #of}, but keeps the array; the caller must not touch it again. */
  static Image wrap(int height, int width, int channels, byte[] data) {
    if (height < 1 || width < 1) {
      throw new AcclimateException(
          "An image needs height and width of at least 1 px, found " + height + " x " + width);
    }
    if (channels != 1 && channels != 3) {
      throw new AcclimateException(
          "An image needs 1 (grey) or 3 (RGB) channels, found " + channels);
    }
    long expected = (long) height * width * channels;
    if (data.length != expected) {
      throw new AcclimateException(
          "An image of shape [%d, %d, %d] needs %d samples, found %d"
              .formatted(height, width, channels, expected, data.length));
    }
    return new Image(height, width, channels, data);
  }

  /** Rows in pixels. */
  public int height() {
    return height;
  }

  /** Columns in pixels. */
  public int width() {
    return width;
  }

  /** 1 for grey, 3 for red, green and blue. */
  public int channels() {
    return channels;
  }

  /** The sample of one pixel and channel, 0..255. */
  public int sample(int y, int x, int channel) {
    return data[(y * width + x) * channels + channel] & 0xFF;
  }

  /** A copy of all samples, {@code [height, width, channels]} as unsigned bytes. */
  public byte[] data() {
    return data.clone();
  }

  /** The samples themselves; only to be read. */
  byte[] samples() {
    return data;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Image that
        && height == that.height
        && width == that.width
        && channels == that.channels
        && Arrays.equals(data, that.data);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * (31 * height + width) + channels) + Arrays.hashCode(data);
  }

  @Override
  public String toString() {
    return "Image[" + height + ", " + width + ", " + channels + "]";
  }
}

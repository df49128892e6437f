package io.acclimate.simulators.data;

import io.acclimate.runtime.AcclimateException;
import java.util.Objects;

/** Images of one size with 8 bits per channel. Immutable, safe for all threads. */
public final class ImageDataset implements Dataset {
  private static final float MAX_PIXEL = 255f;

  private final String source;
  private final int height;
  private final int width;
  private final int channels;
  private final byte[] pixels;
  private final Labels labels;

  /**
   * Creates the dataset.
   *
   * @param source where the images come from
   * @param height of each image, at least 1
   * @param width of each image, at least 1
   * @param channels of each image, at least 1
   * @param pixels {@code [images, height, width, channels]}, unsigned; kept, not copied, and not to
   *     be written to afterwards
   * @param labels one for each image
   * @throws AcclimateException if a dimension is not positive or the numbers of pixels and labels
   *     do not fit together
   */
  public ImageDataset(
      String source, int height, int width, int channels, byte[] pixels, Labels labels) {
    if (height < 1 || width < 1 || channels < 1) {
      throw new AcclimateException(
          String.format(
              "%s: expected images with height, width and channels of 1 or more, found %d x %d x %d",
              source, height, width, channels));
    }
    long imageBytes = (long) height * width * channels;
    if (pixels.length % imageBytes != 0) {
      throw new AcclimateException(
          String.format(
              "%s: expected whole images of %d bytes, found %d bytes",
              source, imageBytes, pixels.length));
    }
    labels.requireSize(source, pixels.length / imageBytes);
    this.source = source;
    this.height = height;
    this.width = width;
    this.channels = channels;
    this.pixels = pixels;
    this.labels = labels;
  }

  @Override
  public String source() {
    return source;
  }

  @Override
  public Labels labels() {
    return labels;
  }

  @Override
  public int[] sampleShape() {
    return new int[] {channels, height, width};
  }

  @Override
  public void copySample(int index, float[] target, int offset) {
    int planePixels = height * width;
    int from = start(index);
    Objects.checkFromIndexSize(offset, planePixels * channels, target.length);
    for (int pixel = 0; pixel < planePixels; pixel++) {
      for (int channel = 0; channel < channels; channel++) {
        target[offset + channel * planePixels + pixel] = (pixels[from++] & 0xFF) / MAX_PIXEL;
      }
    }
  }

  @Override
  public boolean isImage() {
    return true;
  }

  @Override
  public void copyPixels(int index, byte[] target, int offset) {
    System.arraycopy(pixels, start(index), target, offset, height * width * channels);
  }

  private int start(int index) {
    return Objects.checkIndex(index, size()) * (height * width * channels);
  }
}

package io.acclimate.tta.gradient;

import io.acclimate.runtime.Tensor;
import org.apache.commons.rng.UniformRandomProvider;
import org.apache.commons.rng.sampling.distribution.ZigguratSampler;

/**
 * Random changes of images that keep what is shown: brightness, contrast, gamma, a small turn,
 * shift and zoom, blur, mirroring, noise. The ranges are those of CoTTA's code; colours keep their
 * hue and saturation. Values are changed relative to the range of each image's own values.
 *
 * <p>Works on {@code [batch, channels, height, width]}; batches of other rank come back unchanged.
 * Equal generators give equal images. Not thread-safe.
 */
final class StrongAugmentation {
  private static final double MAX_TURN = Math.toRadians(15);
  private static final double MAX_SHIFT = 1.0 / 16;
  private static final double NOISE = 0.005;

  private float[] image = new float[0];
  private float[] moved = new float[0];

  /** Whether samples of this form are changed at all. */
  static boolean applies(Tensor batch) {
    return batch.rank() == 4;
  }

  /**
   * A changed copy.
   *
   * @param batch float32 images
   */
  Tensor apply(Tensor batch, UniformRandomProvider random) {
    Tensor changed = batch.copy();
    if (!applies(batch)) {
      return changed;
    }
    int height = (int) batch.dim(2);
    int width = (int) batch.dim(3);
    int size = (int) (batch.elements() / batch.dim(0));
    if (image.length != size) {
      image = new float[size];
      moved = new float[size];
    }
    ZigguratSampler.NormalizedGaussian noise = ZigguratSampler.NormalizedGaussian.of(random);
    for (int i = 0; i < batch.dim(0); i++) {
      batch.floats().get(i * size, image);
      float low = min(image);
      float range = Math.max(max(image) - low, 1e-12f);
      recolour(low, range, random);
      move(height, width, random);
      blur(height, width, between(random, 0.001, 0.5));
      for (int k = 0; k < size; k++) {
        double value = image[k] + NOISE * noise.sample();
        image[k] = low + range * (float) clip(value);
      }
      changed.floats().put(i * size, image);
    }
    return changed;
  }

  /** Brings the values into 0 to 1, and changes brightness, contrast and gamma. */
  private void recolour(float low, float range, UniformRandomProvider random) {
    double brightness = between(random, 0.6, 1.4);
    double contrast = between(random, 0.7, 1.3);
    double gamma = between(random, 0.7, 1.3);
    double sum = 0;
    for (int k = 0; k < image.length; k++) {
      image[k] = (float) clip((image[k] - low) / range * brightness);
      sum += image[k];
    }
    double mean = sum / image.length;
    for (int k = 0; k < image.length; k++) {
      image[k] = (float) Math.pow(clip(mean + (image[k] - mean) * contrast), gamma);
    }
  }

  /** Turns, shifts, zooms and perhaps mirrors; the border's values go on outside. */
  private void move(int height, int width, UniformRandomProvider random) {
    double turn = between(random, -MAX_TURN, MAX_TURN);
    double zoom = between(random, 0.9, 1.1);
    double down = between(random, -MAX_SHIFT, MAX_SHIFT) * height;
    double right = between(random, -MAX_SHIFT, MAX_SHIFT) * width;
    double mirror = random.nextBoolean() ? -1 : 1;
    double cos = Math.cos(turn) / zoom;
    double sin = Math.sin(turn) / zoom;
    double middleY = (height - 1) / 2.0;
    double middleX = (width - 1) / 2.0;
    int plane = height * width;
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        double dy = y - middleY - down;
        double dx = mirror * (x - middleX) - right;
        double fromY = clamp(middleY + cos * dy - sin * dx, height - 1);
        double fromX = clamp(middleX + sin * dy + cos * dx, width - 1);
        for (int start = 0; start < image.length; start += plane) {
          moved[start + y * width + x] = bilinear(start, fromY, fromX, height, width);
        }
      }
    }
    System.arraycopy(moved, 0, image, 0, image.length);
  }

  private float bilinear(int start, double y, double x, int height, int width) {
    int top = (int) y;
    int left = (int) x;
    int bottom = Math.min(top + 1, height - 1);
    int right = Math.min(left + 1, width - 1);
    double dy = y - top;
    double dx = x - left;
    double upper =
        image[start + top * width + left] * (1 - dx) + image[start + top * width + right] * dx;
    double lower =
        image[start + bottom * width + left] * (1 - dx)
            + image[start + bottom * width + right] * dx;
    return (float) (upper * (1 - dy) + lower * dy);
  }

  /** Blurs with a kernel of three values along each axis: enough for deviations up to a half. */
  private void blur(int height, int width, double deviation) {
    double side = Math.exp(-1 / (2 * deviation * deviation));
    double middle = 1 / (1 + 2 * side);
    side *= middle;
    for (int k = 0; k < image.length; k++) {
      int x = k % width;
      int before = x > 0 ? k - 1 : k;
      int after = x < width - 1 ? k + 1 : k;
      moved[k] = (float) (middle * image[k] + side * (image[before] + image[after]));
    }
    for (int k = 0; k < image.length; k++) {
      int y = k / width % height;
      int before = y > 0 ? k - width : k;
      int after = y < height - 1 ? k + width : k;
      image[k] = (float) (middle * moved[k] + side * (moved[before] + moved[after]));
    }
  }

  private static double between(UniformRandomProvider random, double low, double high) {
    return low + (high - low) * random.nextDouble();
  }

  private static double clip(double value) {
    return clamp(value, 1);
  }

  private static double clamp(double value, double max) {
    return Math.min(Math.max(value, 0), max);
  }

  private static float min(float[] values) {
    float min = values[0];
    for (float value : values) {
      min = Math.min(min, value);
    }
    return min;
  }

  private static float max(float[] values) {
    float max = values[0];
    for (float value : values) {
      max = Math.max(max, value);
    }
    return max;
  }
}

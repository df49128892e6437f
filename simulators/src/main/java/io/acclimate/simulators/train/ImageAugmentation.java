package io.acclimate.simulators.train;

import org.apache.commons.rng.UniformRandomProvider;

/** Mirrors and moves images at random while they are copied into a batch. Not thread-safe. */
final class ImageAugmentation {
  private final boolean flip;
  private final int shift;
  private final int[] shape;

  /**
   * Creates an augmentation.
   *
   * @param shape {@code [channels, height, width]}
   */
  ImageAugmentation(boolean flip, int shift, int[] shape) {
    this.flip = flip;
    this.shift = shift;
    this.shape = shape.clone();
  }

  /** Copies one image; what is moved in from outside is 0. */
  void apply(float[] image, float[] target, UniformRandomProvider random) {
    boolean mirror = flip && random.nextBoolean();
    int down = shift == 0 ? 0 : random.nextInt(2 * shift + 1) - shift;
    int right = shift == 0 ? 0 : random.nextInt(2 * shift + 1) - shift;
    int height = shape[1];
    int width = shape[2];
    for (int row = 0; row < shape[0] * height; row++) {
      int y = row % height - down;
      for (int column = 0; column < width; column++) {
        int x = mirror ? width - 1 - column + right : column - right;
        boolean inside = y >= 0 && y < height && x >= 0 && x < width;
        target[row * width + column] = inside ? image[(row - down) * width + x] : 0;
      }
    }
  }
}

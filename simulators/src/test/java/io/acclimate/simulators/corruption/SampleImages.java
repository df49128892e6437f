package io.acclimate.simulators.corruption;

import org.apache.commons.rng.UniformRandomProvider;
import org.apache.commons.rng.simple.RandomSource;

/** Made-up images with slopes, edges and colours. */
final class SampleImages {
  private SampleImages() {}

  /** A light ring on a darker slope; the channels have different slopes. */
  static Image ring(int sidePx, int channels) {
    byte[] data = new byte[sidePx * sidePx * channels];
    for (int i = 0; i < data.length; i++) {
      int c = i % channels;
      double x = (double) (i / channels % sidePx) / sidePx - .5;
      double y = (double) (i / channels / sidePx) / sidePx - .5;
      double radius = Math.hypot(x, y);
      boolean onRing = radius > .25 && radius < .36;
      double slope = .35 + .3 * x * (1 - c) + .15 * Math.sin(20 * y + c);
      data[i] = (byte) (255 * (onRing ? .85 - .2 * c : slope));
    }
    return Image.of(sidePx, sidePx, channels, data);
  }

  /** A grey image as RGB. */
  static Image asRgb(Image grey) {
    byte[] data = new byte[grey.height() * grey.width() * 3];
    for (int i = 0; i < data.length; i++) {
      data[i] = grey.samples()[i / 3];
    }
    return Image.of(grey.height(), grey.width(), 3, data);
  }

  static UniformRandomProvider random(long seed) {
    return RandomSource.XO_SHI_RO_256_PP.create(seed);
  }
}

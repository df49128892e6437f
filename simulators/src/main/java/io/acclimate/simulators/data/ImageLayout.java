package io.acclimate.simulators.data;

/** The order of the dimensions of a four-dimensional array of images. */
public enum ImageLayout {
  /** {@code [images, height, width, channels]}. */
  NHWC,
  /** {@code [images, channels, height, width]}. */
  NCHW
}

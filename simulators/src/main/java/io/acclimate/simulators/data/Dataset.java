package io.acclimate.simulators.data;

/** Samples that are tensors of one shape, in memory. Immutable, safe for all threads. */
public sealed interface Dataset extends Labelled
    permits ImageDataset, FeatureDataset, SelectedDataset {
  /** The shape of one sample: {@code [channels, height, width]} for images; the caller's copy. */
  int[] sampleShape();

  /**
   * Copies one sample in C order: an image's pixels as {@code [channels, height, width]} scaled to
   * [0, 1], features as they are.
   *
   * @param index from 0 to {@link #size()} - 1
   * @param target takes as many values as {@link #sampleShape()} has, from {@code offset} on
   * @throws IndexOutOfBoundsException if there is no such sample or no room in the target
   */
  void copySample(int index, float[] target, int offset);

  /** Whether the samples are 8-bit images, so that {@link #copyPixels} works. */
  boolean isImage();

  /**
   * Copies one image as {@code [height, width, channels]}, unsigned 8-bit.
   *
   * @param index from 0 to {@link #size()} - 1
   * @param target takes height x width x channels bytes from {@code offset} on
   * @throws UnsupportedOperationException if the samples are not images
   * @throws IndexOutOfBoundsException if there is no such sample or no room in the target
   */
  void copyPixels(int index, byte[] target, int offset);
}

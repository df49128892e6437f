package io.acclimate.simulators.data;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.io.Npy;
import io.acclimate.runtime.io.NpyArray;
import io.acclimate.runtime.io.NpyType;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** Reads datasets from two NumPy files. Stateless, safe for all threads. */
public final class NpyDataset {
  private NpyDataset() {}

  /**
   * Reads samples and labels. Four-dimensional {@code uint8} samples become an {@link
   * ImageDataset}, all others a {@link FeatureDataset} with the values as they are, doubles rounded
   * to floats.
   *
   * @param samples an array [samples, ...] of float32, float64 or uint8
   * @param labels an array [samples] of an integer type
   * @param layout how four-dimensional {@code uint8} samples lie; others do not look at it
   * @param classNames the name of every class; empty for {@code "0"} up to the highest label
   * @throws AcclimateException if a file is missing, damaged or of another type or shape, a value
   *     is not finite, a label is out of range, or the two do not fit together
   */
  public static Dataset read(
      Path samples, Path labels, ImageLayout layout, List<String> classNames) {
    NpyArray array = Npy.read(samples);
    int[] shape = array.shape();
    if (!array.type().isFloating() && array.type() != NpyType.U1) {
      throw new AcclimateException(
          samples + ": expected dtype <f4, <f8 or |u1, found " + array.type().descr());
    }
    if (shape.length < 2 || array.size() == 0) {
      throw new AcclimateException(
          samples + ": expected shape [samples, ...] without a 0, found " + Arrays.toString(shape));
    }
    Labels classes = labels(labels, shape[0], classNames);
    if (array.type() == NpyType.U1 && shape.length == 4) {
      return images(samples.toString(), array, layout, classes);
    }
    int[] sampleShape = Arrays.copyOfRange(shape, 1, shape.length);
    return new FeatureDataset(samples.toString(), sampleShape, array.toFloats(), classes);
  }

  private static Labels labels(Path file, int samples, List<String> classNames) {
    NpyArray array = Npy.read(file);
    NpyType type = array.type();
    if (type.isFloating()
        || type == NpyType.B1
        || !Arrays.equals(array.shape(), new int[] {samples})) {
      throw new AcclimateException(
          String.format(
              "%s: expected integer labels of shape [%d], one for each sample, found %s",
              file, samples, array));
    }
    int[] values;
    try {
      values = array.toInts();
    } catch (AcclimateException e) {
      throw new AcclimateException(file + ": " + e.getMessage(), e);
    }
    return new Labels(file.toString(), values, classNames);
  }

  private static ImageDataset images(
      String source, NpyArray array, ImageLayout layout, Labels labels) {
    int[] shape = array.shape();
    if (layout == ImageLayout.NHWC) {
      return new ImageDataset(source, shape[1], shape[2], shape[3], array.data(), labels);
    }
    byte[] pixels = channelsLast(array.data(), shape[0], shape[1], shape[2] * shape[3]);
    return new ImageDataset(source, shape[2], shape[3], shape[1], pixels, labels);
  }

  private static byte[] channelsLast(byte[] data, int images, int channels, int planePixels) {
    byte[] result = new byte[data.length];
    int from = 0;
    for (int image = 0; image < images; image++) {
      int start = image * channels * planePixels;
      for (int channel = 0; channel < channels; channel++) {
        for (int pixel = 0; pixel < planePixels; pixel++) {
          result[start + pixel * channels + channel] = data[from++];
        }
      }
    }
    return result;
  }
}

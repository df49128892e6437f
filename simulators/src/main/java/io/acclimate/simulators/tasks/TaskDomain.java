package io.acclimate.simulators.tasks;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.SeedTree;
import io.acclimate.simulators.corruption.Corruption;
import io.acclimate.simulators.corruption.Corruptions;
import io.acclimate.simulators.corruption.Image;
import io.acclimate.simulators.data.Dataset;
import io.acclimate.simulators.data.ImageDataset;
import java.util.stream.IntStream;
import org.apache.commons.rng.sampling.ArraySampler;

/** A condition under which all images of a task are seen. Immutable, safe for all threads. */
public sealed interface TaskDomain {
  /** What the report calls it. */
  String name();

  /**
   * An image in this domain.
   *
   * @param seeds the image's own
   */
  Image apply(Image clean, SeedTree seeds);

  /**
   * All images of a dataset in this domain.
   *
   * @param seeds the domain's own; equal seeds give equal images
   * @throws AcclimateException when the samples are no images
   */
  default Dataset apply(Dataset data, SeedTree seeds) {
    if (!data.isImage()) {
      throw new AcclimateException(
          "domain %s: expected images, found %s with samples of features"
              .formatted(name(), data.source()));
    }
    int[] shape = data.sampleShape();
    int size = shape[0] * shape[1] * shape[2];
    byte[] all = new byte[Math.multiplyExact(size, data.size())];
    byte[] pixels = new byte[size];
    for (int i = 0; i < data.size(); i++) {
      data.copyPixels(i, pixels, 0);
      Image clean = Image.of(shape[1], shape[2], shape[0], pixels);
      System.arraycopy(apply(clean, seeds.child(i)).data(), 0, all, i * size, size);
    }
    return new ImageDataset(data.source(), shape[1], shape[2], shape[0], all, data.labels());
  }

  /** The images as they are. */
  record Clean() implements TaskDomain {
    @Override
    public String name() {
      return "clean";
    }

    @Override
    public Image apply(Image clean, SeedTree seeds) {
      return clean;
    }
  }

  /**
   * One of the 19 corruptions.
   *
   * @param corruption its name
   * @param severity 1 to 5
   */
  record Corrupted(String corruption, int severity) implements TaskDomain {
    @Override
    public String name() {
      return corruption + " " + severity;
    }

    @Override
    public Image apply(Image clean, SeedTree seeds) {
      Corruption effect = Corruptions.byName(corruption);
      return effect.apply(clean, severity, seeds.generator());
    }
  }

  /**
   * Turned around the middle, black where nothing was.
   *
   * @param degrees counter-clockwise
   */
  record Rotated(double degrees) implements TaskDomain {
    @Override
    public String name() {
      return "rotate " + (degrees == Math.rint(degrees) ? "" + Math.round(degrees) : "" + degrees);
    }

    @Override
    public Image apply(Image clean, SeedTree seeds) {
      double sine = Math.sin(Math.toRadians(degrees));
      double cosine = Math.cos(Math.toRadians(degrees));
      double middleX = (clean.width() - 1) / 2.0;
      double middleY = (clean.height() - 1) / 2.0;
      byte[] turned = new byte[clean.width() * clean.height() * clean.channels()];
      int at = 0;
      for (int y = 0; y < clean.height(); y++) {
        for (int x = 0; x < clean.width(); x++) {
          double fromX = middleX + cosine * (x - middleX) - sine * (y - middleY);
          double fromY = middleY + sine * (x - middleX) + cosine * (y - middleY);
          for (int channel = 0; channel < clean.channels(); channel++) {
            turned[at++] = (byte) Math.round(between(clean, fromY, fromX, channel));
          }
        }
      }
      return Image.of(clean.height(), clean.width(), clean.channels(), turned);
    }

    /** Bilinear interpolation. */
    private static double between(Image image, double y, double x, int channel) {
      int top = (int) Math.floor(y);
      int left = (int) Math.floor(x);
      double sum = 0;
      for (int row = top; row <= top + 1; row++) {
        for (int column = left; column <= left + 1; column++) {
          boolean inside =
              row >= 0 && row < image.height() && column >= 0 && column < image.width();
          double weight = (1 - Math.abs(y - row)) * (1 - Math.abs(x - column));
          sum += inside ? weight * image.sample(row, column, channel) : 0;
        }
      }
      return sum;
    }
  }

  /**
   * All pixels in another order, the same for each image.
   *
   * @param seed of the order
   */
  record Permuted(long seed) implements TaskDomain {
    @Override
    public String name() {
      return "permute " + seed;
    }

    @Override
    public Image apply(Image clean, SeedTree seeds) {
      int channels = clean.channels();
      int[] order = IntStream.range(0, clean.width() * clean.height()).toArray();
      ArraySampler.shuffle(SeedTree.of(seed).generator(), order);
      byte[] pixels = clean.data();
      byte[] moved = new byte[pixels.length];
      for (int i = 0; i < order.length; i++) {
        System.arraycopy(pixels, order[i] * channels, moved, i * channels, channels);
      }
      return Image.of(clean.height(), clean.width(), channels, moved);
    }
  }
}

package io.acclimate.simulators.corruption;

import io.acclimate.runtime.AcclimateException;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.imageio.ImageIO;

/**
 * Frost: a weighted sum of the image and a random crop of a frosted window (Hendrycks and
 * Dietterich, ICLR 2019, arXiv 1903.12261). The benchmark's five photographs are not part of this
 * library; {@link #fromFolder} reads them from where the user has put them. Without them {@link
 * Corruptions#byName} gives a proxy whose ice is ridged random clouds.
 *
 * <p>Immutable and safe to share between threads.
 */
public final class Frost {
  static final String NAME = "frost";
  static final String PROXY_NOTE =
      "frost is a proxy with procedural ice, not CIFAR-C frost: the photographs were not given";

  private static final String PHOTO_NOTE = "frost uses the photographs of ";
  private static final List<String> PHOTO_FILES =
      List.of("frost1.png", "frost2.png", "frost3.png", "frost4.jpg", "frost5.jpg");

  private static final double ICE_DECAY = 1.75;
  private static final double[] ICE_TINT = {.88, .94, 1};

  private final Path folder;
  private final List<Plane[]> photos;
  private final Map<Double, List<Plane[]>> resizedPhotos = new ConcurrentHashMap<>();

  private Frost(Path folder, List<Plane[]> photos) {
    this.folder = folder;
    this.photos = photos;
  }

  /**
   * The frost of the benchmark, with its photographs and the strengths that fit each image's size.
   * The photographs stay in memory, 24 bytes per pixel. {@link Corruption#apply} throws an {@link
   * AcclimateException} for images that are larger than a resized photograph.
   *
   * @param folder holds frost1.png, frost2.png, frost3.png, frost4.jpg and frost5.jpg
   * @throws AcclimateException when a photograph is missing or cannot be read
   */
  public static Corruption fromFolder(Path folder) {
    return fromFolder(folder, null);
  }

  /**
   * As {@link #fromFolder(Path)}, with the strengths of one table.
   *
   * @param table where the strengths come from; null for the one that fits the image's size
   */
  public static Corruption fromFolder(Path folder, ParameterTable table) {
    List<Plane[]> photos = new ArrayList<>();
    for (String file : PHOTO_FILES) {
      photos.add(readPhoto(folder.resolve(file)));
    }
    Frost frost = new Frost(folder, List.copyOf(photos));
    return new TableCorruption(NAME, frost::photographic, table, false, PHOTO_NOTE + folder);
  }

  /** The proxy. */
  static Image procedural(Image clean, double[] parameters, Draws draws) {
    Plane cloud = Plasma.create(clean.height(), clean.width(), ICE_DECAY, draws);
    Plane ridges =
        cloud.map(
            v -> {
              double ridge = 1 - Math.abs(2 * v - 1);
              return 255 * ridge * ridge;
            });
    Plane[] ice = new Plane[ICE_TINT.length];
    for (int c = 0; c < ice.length; c++) {
      double tint = ICE_TINT[c];
      ice[c] = ridges.map(v -> v * tint);
    }
    return blend(clean, ice, parameters);
  }

  private Image photographic(Image clean, double[] parameters, Draws draws) {
    double factor = parameters[2];
    Plane[] photo =
        resizedPhotos
            .computeIfAbsent(factor, this::resize)
            .get(draws.integer(0, PHOTO_FILES.size()));
    int spareRows = photo[0].height - clean.height();
    int spareColumns = photo[0].width - clean.width();
    if (spareRows < 1 || spareColumns < 1) {
      throw new AcclimateException(
          ("frost needs images smaller than the photographs of %s,"
                  + " resized by %s to %d x %d; found %d x %d")
              .formatted(
                  folder, factor, photo[0].height, photo[0].width, clean.height(), clean.width()));
    }
    int top = draws.integer(0, spareRows);
    int left = draws.integer(0, spareColumns);
    Plane[] part = Plane.each(photo, plane -> plane.crop(top, left, clean.height(), clean.width()));
    return blend(clean, part, parameters);
  }

  /** Adds frost of the image's size; its luma when the image is grey. */
  private static Image blend(Image clean, Plane[] frost, double[] parameters) {
    double imageWeight = parameters[0];
    double frostWeight = parameters[1];
    Plane[] planes = Plane.levels(clean);
    Plane[] layers = planes.length == 1 ? new Plane[] {Plane.luma(frost)} : frost;
    for (int c = 0; c < planes.length; c++) {
      double[] v = planes[c].v;
      for (int i = 0; i < v.length; i++) {
        v[i] = imageWeight * v[i] + frostWeight * layers[c].v[i];
      }
    }
    return Plane.imageOfLevels(planes);
  }

  private List<Plane[]> resize(double factor) {
    return photos.stream()
        .map(photo -> Plane.each(photo, p -> Resampling.resize(p, factor).map(Math::rint)))
        .toList();
  }

  private static Plane[] readPhoto(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new AcclimateException(
          "frost needs the photographs %s in one folder; %s is missing"
              .formatted(String.join(", ", PHOTO_FILES), file));
    }
    try {
      BufferedImage image = ImageIO.read(file.toFile());
      if (image == null) {
        throw new AcclimateException(
            "Expected a PNG or JPEG photograph, found no image in " + file);
      }
      return levels(image);
    } catch (IOException e) {
      throw new AcclimateException("The photograph " + file + " cannot be read: " + e, e);
    }
  }

  private static Plane[] levels(BufferedImage image) {
    Plane[] planes = new Plane[3];
    for (int c = 0; c < planes.length; c++) {
      Plane plane = new Plane(image.getHeight(), image.getWidth());
      for (int i = 0; i < plane.v.length; i++) {
        int rgb = image.getRGB(i % plane.width, i / plane.width);
        plane.v[i] = rgb >> (16 - 8 * c) & 0xFF;
      }
      planes[c] = plane;
    }
    return planes;
  }
}

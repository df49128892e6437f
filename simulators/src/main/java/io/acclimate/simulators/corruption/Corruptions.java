package io.acclimate.simulators.corruption;

import static java.util.Map.entry;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.text.Names;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The corruptions of Hendrycks and Dietterich (ICLR 2019, arXiv 1903.12261) by name. Images go in
 * and come out as bytes: samples are scaled to 0..1, corrupted, clipped, scaled to 0..255 and
 * truncated, as in the benchmark's own generator.
 *
 * <p>On grey images each corruption takes its natural grey form:
 *
 * <ul>
 *   <li>{@code brightness} adds to the sample and clips;
 *   <li>{@code saturate} returns the image as it is, for grey has no saturation to change;
 *   <li>{@code snow} lifts towards 1.5 times the sample itself plus a half;
 *   <li>{@code spatter} uses water of grey 219/255 (the luma of its colour) and mud of grey 63/255;
 *   <li>{@code glass_blur} really swaps two pixels, each swap with probability 1/2 as in MNIST-C;
 *       on RGB the benchmark's swap copies one pixel over the other, and so it is here;
 *   <li>{@code frost} uses the luma of the frost, {@code jpeg_compression} a grey JPEG.
 * </ul>
 *
 * <p>{@code frost} by name is a proxy (see {@link Corruption#isProxy}); {@link Frost#fromFolder}
 * uses the photographs. Stateless and safe to share between threads.
 */
public final class Corruptions {
  /** The 15 corruptions of the benchmark, in the paper's order. */
  public static final List<String> BENCHMARK =
      List.of(
          "gaussian_noise",
          "shot_noise",
          "impulse_noise",
          "defocus_blur",
          "glass_blur",
          "motion_blur",
          "zoom_blur",
          "snow",
          "frost",
          "fog",
          "brightness",
          "contrast",
          "elastic_transform",
          "pixelate",
          "jpeg_compression");

  /** The 4 extra corruptions, meant for validation. */
  public static final List<String> EXTRA =
      List.of("speckle_noise", "gaussian_blur", "spatter", "saturate");

  private static final List<String> NAMES =
      Stream.concat(BENCHMARK.stream(), EXTRA.stream()).toList();

  private static final Map<String, Effect> EFFECTS =
      Map.ofEntries(
          entry("gaussian_noise", Noise::gaussian),
          entry("shot_noise", Noise::shot),
          entry("impulse_noise", Noise::impulse),
          entry("speckle_noise", Noise::speckle),
          entry("gaussian_blur", Blurs::gaussian),
          entry("defocus_blur", Blurs::defocus),
          entry("glass_blur", GlassBlur::apply),
          entry("motion_blur", Blurs::motion),
          entry("zoom_blur", Blurs::zoom),
          entry("snow", Snow::apply),
          entry("frost", Frost::procedural),
          entry("fog", Fog::apply),
          entry("spatter", Spatter::apply),
          entry("brightness", Colours::brightness),
          entry("contrast", Colours::contrast),
          entry("saturate", Colours::saturate),
          entry("elastic_transform", ElasticTransform::apply),
          entry("pixelate", Pixelate::apply),
          entry("jpeg_compression", JpegCompression::apply));

  private Corruptions() {}

  /** The names of all 19 corruptions: {@link #BENCHMARK}, then {@link #EXTRA}. */
  public static List<String> names() {
    return NAMES;
  }

  /**
   * The corruption of that name with the strengths that fit each image's size ({@link
   * ParameterTable#forSize}).
   *
   * @param name a benchmark name; {@code -} may stand for {@code _}
   * @throws AcclimateException when no corruption has that name
   */
  public static Corruption byName(String name) {
    return byName(name, null);
  }

  /**
   * The corruption of that name with the strengths of one table, whatever the size of the image.
   *
   * @param name a benchmark name; {@code -} may stand for {@code _}
   * @param table where the strengths come from; null for the one that fits the image's size
   * @throws AcclimateException when no corruption has that name
   */
  public static Corruption byName(String name, ParameterTable table) {
    String known = name.strip().toLowerCase(Locale.ROOT).replace('-', '_');
    Effect effect = EFFECTS.get(known);
    if (effect == null) {
      throw new AcclimateException(
          "unknown corruption '" + name + "'" + Names.suggestion(known, NAMES));
    }
    boolean proxy = known.equals(Frost.NAME);
    return new TableCorruption(known, effect, table, proxy, proxy ? Frost.PROXY_NOTE : "");
  }
}

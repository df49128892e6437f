package io.acclimate.simulators.corruption;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * The strengths of all corruptions at severities 1 to 5, as the benchmark's authors set them for
 * three image sizes. Immutable and safe to share between threads.
 *
 * <p>Columns of one severity, in order:
 *
 * <ul>
 *   <li>{@code gaussian_noise}, {@code speckle_noise}: standard deviation; {@code shot_noise}:
 *       photons at full brightness; {@code impulse_noise}: share of samples;
 *   <li>{@code defocus_blur}: disk radius in px, anti-alias sigma in px; {@code glass_blur}: sigma
 *       in px, reach in px, rounds; {@code motion_blur}: radius and sigma in px; {@code zoom_blur}:
 *       step and number of zooms; {@code gaussian_blur}: sigma in px;
 *   <li>{@code snow}: mean and deviation of the layer, zoom, threshold, motion radius and sigma in
 *       px, share of the image kept; {@code frost}: weights of image and frost, resize factor of
 *       the photographs; {@code fog}: amount, roughness decay; {@code spatter}: mean and deviation
 *       of the layer, sigma in px, threshold, amount (water) or sigma in px (mud), 0 water or 1
 *       mud;
 *   <li>{@code brightness}: added value; {@code contrast}: factor; {@code saturate}: factor, added
 *       saturation;
 *   <li>{@code elastic_transform}: amplitude, sigma and affine shift as shares of the side; {@code
 *       pixelate}: share of the side; {@code jpeg_compression}: quality 1..100.
 * </ul>
 */
public enum ParameterTable {
  /** CIFAR-10-C and CIFAR-100-C, 32 px. */
  CIFAR(
      """
      gaussian_noise    .04 | .06 | .08 | .09 | .10
      shot_noise        500 | 250 | 100 | 75 | 50
      impulse_noise     .01 | .02 | .03 | .05 | .07
      defocus_blur      .3 .4 | .4 .5 | .5 .6 | 1 .2 | 1.5 .1
      glass_blur        .05 1 1 | .25 1 1 | .4 1 1 | .25 1 2 | .4 1 2
      motion_blur       6 1 | 6 1.5 | 6 2 | 8 2 | 9 2.5
      zoom_blur         .01 7 | .01 12 | .01 16 | .01 21 | .01 26
      snow              .1 .2 1 .6 8 3 .95 | .1 .2 1 .5 10 4 .9 | .15 .3 1.75 .55 10 4 .9 \
                      | .25 .3 2.25 .6 12 6 .85 | .3 .3 1.25 .65 14 12 .8
      frost             1 .2 .2 | 1 .3 .2 | .9 .4 .2 | .85 .4 .2 | .75 .45 .2
      fog               .2 3 | .5 3 | .75 2.5 | 1 2 | 1.5 1.75
      brightness        .05 | .1 | .15 | .2 | .3
      contrast          .75 | .5 | .4 | .3 | .15
      elastic_transform 0 0 .08 | .05 .2 .07 | .08 .06 .06 | .1 .04 .05 | .1 .03 .03
      pixelate          .95 | .9 | .85 | .75 | .65
      jpeg_compression  80 | 65 | 58 | 50 | 40
      speckle_noise     .06 | .1 | .12 | .16 | .2
      gaussian_blur     .4 | .6 | .7 | .8 | 1
      spatter           .62 .1 .7 .7 .5 0 | .65 .1 .8 .7 .5 0 | .65 .3 1 .69 .5 0 \
                      | .65 .1 .7 .69 .6 1 | .65 .1 .5 .68 .6 1
      saturate          .3 0 | .1 0 | 1.5 0 | 2 .1 | 2.5 .2
      """),
  /** TinyImageNet-C, 64 px. */
  TINY_IMAGENET(
      """
      gaussian_noise    .04 | .08 | .12 | .15 | .18
      shot_noise        250 | 100 | 50 | 30 | 15
      impulse_noise     .01 | .02 | .05 | .08 | .14
      defocus_blur      .5 .6 | 1 .1 | 1.5 .1 | 2.5 .01 | 3 .1
      glass_blur        .1 1 1 | .5 1 1 | .6 1 2 | .7 2 1 | .9 2 2
      motion_blur       10 1 | 10 1.5 | 10 2 | 10 2.5 | 12 3
      zoom_blur         .01 7 | .01 12 | .01 16 | .01 21 | .01 26
      snow              .1 .2 1 .6 8 3 .8 | .1 .2 1 .5 10 4 .8 | .15 .3 1.75 .55 10 4 .7 \
                      | .25 .3 2.25 .6 12 6 .65 | .3 .3 1.25 .65 14 12 .6
      frost             1 .3 .3 | .9 .4 .3 | .8 .45 .3 | .75 .5 .3 | .7 .55 .3
      fog               .4 3 | .7 3 | 1 2.5 | 1.5 2 | 2 1.75
      brightness        .1 | .2 | .3 | .4 | .5
      contrast          .4 | .3 | .2 | .1 | .05
      elastic_transform 0 0 .08 | .05 .3 .06 | .1 .08 .06 | .1 .03 .03 | .16 .03 .02
      pixelate          .9 | .8 | .7 | .6 | .5
      jpeg_compression  65 | 58 | 50 | 40 | 25
      speckle_noise     .15 | .2 | .25 | .3 | .35
      gaussian_blur     .5 | .75 | 1 | 1.25 | 1.5
      spatter           .62 .1 .7 .7 .6 0 | .65 .1 .8 .7 .6 0 | .65 .3 1 .69 .6 0 \
                      | .65 .1 .7 .68 .6 1 | .65 .1 .5 .67 .6 1
      saturate          .3 0 | .1 0 | 2 0 | 5 .1 | 30 .2
      """),
  /** ImageNet-C, 224 px. */
  IMAGENET(
      """
      gaussian_noise    .08 | .12 | .18 | .26 | .38
      shot_noise        60 | 25 | 12 | 5 | 3
      impulse_noise     .03 | .06 | .09 | .17 | .27
      defocus_blur      3 .1 | 4 .5 | 6 .5 | 8 .5 | 10 .5
      glass_blur        .7 1 2 | .9 2 1 | 1 2 3 | 1.1 3 2 | 1.5 4 2
      motion_blur       10 3 | 15 5 | 15 8 | 15 12 | 20 15
      zoom_blur         .01 12 | .01 16 | .02 11 | .02 13 | .03 11
      snow              .1 .3 3 .5 10 4 .8 | .2 .3 2 .5 12 4 .7 | .55 .3 4 .9 12 8 .7 \
                      | .55 .3 4.5 .85 12 8 .65 | .55 .3 2.5 .85 12 12 .55
      frost             1 .4 1 | .8 .6 1 | .7 .7 1 | .65 .7 1 | .6 .75 1
      fog               1.5 2 | 2 2 | 2.5 1.7 | 2.5 1.5 | 3 1.4
      brightness        .1 | .2 | .3 | .4 | .5
      contrast          .4 | .3 | .2 | .1 | .05
      elastic_transform 2 .7 .1 | 2 .08 .2 | .05 .01 .02 | .07 .01 .02 | .12 .01 .02
      pixelate          .6 | .5 | .4 | .3 | .25
      jpeg_compression  25 | 18 | 15 | 10 | 7
      speckle_noise     .15 | .2 | .35 | .45 | .6
      gaussian_blur     1 | 2 | 3 | 4 | 6
      spatter           .65 .3 4 .69 .6 0 | .65 .3 3 .68 .6 0 | .65 .3 2 .68 .5 0 \
                      | .65 .3 1 .65 1.5 1 | .67 .4 1 .65 1.5 1
      saturate          .3 0 | .1 0 | 2 0 | 5 .1 | 20 .2
      """);

  private static final int CIFAR_MAX_SIDE_PX = 48;
  private static final int TINY_IMAGENET_MAX_SIDE_PX = 128;

  private final Map<String, double[][]> rows = new HashMap<>();

  ParameterTable(String text) {
    for (String line : text.strip().split("\n")) {
      String[] nameAndValues = line.split("\\s+", 2);
      rows.put(
          nameAndValues[0],
          Arrays.stream(nameAndValues[1].split("\\|"))
              .map(ParameterTable::numbers)
              .toArray(double[][]::new));
    }
  }

  private static double[] numbers(String text) {
    return Arrays.stream(text.strip().split("\\s+")).mapToDouble(Double::parseDouble).toArray();
  }

  /**
   * The table that fits an image: {@link #CIFAR} up to 48 px, {@link #TINY_IMAGENET} up to 128 px,
   * {@link #IMAGENET} above.
   *
   * @param sidePx the longer side of the image in pixels
   */
  public static ParameterTable forSize(int sidePx) {
    if (sidePx <= CIFAR_MAX_SIDE_PX) {
      return CIFAR;
    }
    return sidePx <= TINY_IMAGENET_MAX_SIDE_PX ? TINY_IMAGENET : IMAGENET;
  }

  /** The columns of a known corruption at severity 1..5; only to be read. */
  double[] parameters(String corruption, int severity) {
    return rows.get(corruption)[severity - 1];
  }
}

package io.acclimate.simulators.corruption;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.acclimate.runtime.AcclimateException;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Properties that all corruptions share, and the look-up by name. */
class CorruptionsTest {
  private static final List<Image> IMAGES =
      List.of(SampleImages.ring(28, 1), SampleImages.ring(32, 3), SampleImages.ring(64, 3));

  private static final Set<String> DETERMINISTIC =
      Set.of(
          "defocus_blur",
          "zoom_blur",
          "brightness",
          "contrast",
          "pixelate",
          "jpeg_compression",
          "gaussian_blur",
          "saturate");

  static Stream<String> names() {
    return Corruptions.names().stream();
  }

  /**
   * All but two whose severities are different kinds of change: {@code saturate} gives paler, then
   * more colourful images, {@code elastic_transform} less affine shift and more distortion.
   */
  static Stream<String> gradedNames() {
    return names().filter(name -> !name.equals("saturate") && !name.equals("elastic_transform"));
  }

  @ParameterizedTest
  @MethodSource("names")
  void keepsTheShapeAndTheInputAndFollowsTheSeed(String name) {
    Corruption corruption = Corruptions.byName(name);
    for (Image image : IMAGES) {
      byte[] before = image.data();
      for (int severity = 1; severity <= 5; severity++) {
        String where = name + " at severity " + severity + " on " + image;
        Image out = corruption.apply(image, severity, SampleImages.random(1));
        Image again = corruption.apply(image, severity, SampleImages.random(1));
        boolean seedMatters = false;
        for (int seed = 2; seed < 10; seed++) {
          seedMatters |= !out.equals(corruption.apply(image, severity, SampleImages.random(seed)));
        }
        assertEquals(image.toString(), out.toString(), where);
        assertEquals(Image.of(image.height(), image.width(), image.channels(), before), image);
        assertEquals(out, again, where);
        assertEquals(!DETERMINISTIC.contains(name), seedMatters, where);
        boolean greySaturate = name.equals("saturate") && image.channels() == 1;
        assertEquals(greySaturate, out.equals(image), where);
      }
    }
  }

  /** Severity 5 changes the image more than severity 1, on average over 8 seeds. */
  @ParameterizedTest
  @MethodSource("gradedNames")
  void growsWithTheSeverity(String name) {
    for (Image image : IMAGES) {
      double weakest = meanChange(name, image, 1);
      double strongest = meanChange(name, image, 5);
      assertTrue(
          strongest > weakest, () -> name + " on " + image + ": " + weakest + " to " + strongest);
    }
  }

  private static double meanChange(String name, Image image, int severity) {
    double sum = 0;
    for (int seed = 0; seed < 8; seed++) {
      Image out = Corruptions.byName(name).apply(image, severity, SampleImages.random(seed));
      sum += Golden.difference(out, image).mean();
    }
    return sum / 8;
  }

  /** Channel by channel filters do to grey what they do to each of three equal channels. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "gaussian_blur",
        "defocus_blur",
        "zoom_blur",
        "motion_blur",
        "contrast",
        "pixelate",
        "fog",
        "elastic_transform",
        "brightness"
      })
  void treatsGreyAsOneOfThreeEqualChannels(String name) {
    Image grey = SampleImages.ring(28, 1);
    Corruption corruption = Corruptions.byName(name);
    for (int severity = 1; severity <= 5; severity++) {
      Image expected = corruption.apply(SampleImages.asRgb(grey), severity, SampleImages.random(3));
      Image found = corruption.apply(grey, severity, SampleImages.random(3));
      assertEquals(expected, SampleImages.asRgb(found), name + " at severity " + severity);
    }
  }

  /** Without blur at severity 1, swapped pixels are the same pixels in other places. */
  @Test
  void greyGlassBlurSwapsPixels() {
    Image grey = SampleImages.ring(28, 1);
    Image out = Corruptions.byName("glass_blur").apply(grey, 1, SampleImages.random(1));
    byte[] before = grey.data();
    byte[] after = out.data();
    assertFalse(Arrays.equals(before, after));
    Arrays.sort(before);
    Arrays.sort(after);
    assertArrayEquals(before, after);
  }

  /** Each swap of grey pixels is tossed for; RGB pixels always move. */
  @Test
  void onlyGreyGlassBlurTossesACoin() {
    Draws low =
        new FixedDraws() {
          @Override
          public int integer(int low, int high) {
            return low;
          }
        };
    double[] parameters = ParameterTable.CIFAR.parameters("glass_blur", 1);
    Image grey = SampleImages.ring(28, 1);
    Image rgb = SampleImages.asRgb(grey);
    assertEquals(grey, GlassBlur.apply(grey, parameters, low));
    assertNotEquals(rgb, GlassBlur.apply(rgb, parameters, low));
  }

  /** Half-opaque water of grey 219 on black, opaque mud of grey 63 on white. */
  @Test
  void greySpatterHasTheGreyOfWaterAndMud() {
    Corruption spatter = Corruptions.byName("spatter");
    Image onBlack = spatter.apply(flat(0), 1, SampleImages.random(1));
    Image onWhite = spatter.apply(flat(255), 5, SampleImages.random(1));
    assertEquals(109, levels(onBlack).max().orElseThrow());
    assertEquals(63, levels(onWhite).min().orElseThrow(), 1);
  }

  /** The luma of equal channels is the channel, but for rounding. */
  @Test
  void greySnowIsTheSnowOfEqualChannels() {
    Image grey = SampleImages.ring(28, 1);
    Corruption snow = Corruptions.byName("snow");
    Image expected = snow.apply(SampleImages.asRgb(grey), 5, SampleImages.random(3));
    Image found = SampleImages.asRgb(snow.apply(grey, 5, SampleImages.random(3)));
    assertTrue(Golden.difference(expected, found).max() <= 1);
  }

  private static Image flat(int level) {
    byte[] data = new byte[28 * 20];
    Arrays.fill(data, (byte) level);
    return Image.of(28, 20, 1, data);
  }

  private static IntStream levels(Image image) {
    return IntStream.range(0, image.samples().length).map(i -> image.samples()[i] & 0xFF);
  }

  /** Black and white pictures are the edge of every range. */
  @ParameterizedTest
  @MethodSource("names")
  void takesFlatImages(String name) {
    for (Image flat : List.of(flat(0), flat(255))) {
      for (int severity = 1; severity <= 5; severity++) {
        Image out = Corruptions.byName(name).apply(flat, severity, SampleImages.random(1));
        assertEquals(flat.toString(), out.toString());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("names")
  void takesItsStrengthFromTheTable(String name) {
    Image image = SampleImages.ring(32, 3);
    Image bySize = Corruptions.byName(name).apply(image, 4, SampleImages.random(1));
    Image cifar =
        Corruptions.byName(name, ParameterTable.CIFAR).apply(image, 4, SampleImages.random(1));
    Image imagenet =
        Corruptions.byName(name, ParameterTable.IMAGENET).apply(image, 4, SampleImages.random(1));
    assertEquals(cifar, bySize);
    assertNotEquals(cifar, imagenet);
  }

  @Test
  void namesAreThePapers() {
    assertEquals(15, Corruptions.BENCHMARK.size());
    assertEquals(4, Corruptions.EXTRA.size());
    assertEquals(19, Set.copyOf(Corruptions.names()).size());
    assertEquals("jpeg_compression", Corruptions.byName("JPEG-compression").name());
  }

  @Test
  void onlyFrostIsAProxy() {
    for (String name : Corruptions.names()) {
      Corruption corruption = Corruptions.byName(name);
      assertEquals(name.equals("frost"), corruption.isProxy());
      assertEquals(name.equals("frost"), corruption.note().contains("not CIFAR-C frost"));
    }
  }

  @Test
  void unknownNameNamesTheClosest() {
    AcclimateException error =
        assertThrows(AcclimateException.class, () -> Corruptions.byName("gausian-noise"));
    assertTrue(error.getMessage().contains("did you mean 'gaussian_noise'"), error.getMessage());
    error = assertThrows(AcclimateException.class, () -> Corruptions.byName("no such thing"));
    assertTrue(error.getMessage().contains("speckle_noise"), error.getMessage());
  }

  @ParameterizedTest
  @ValueSource(ints = {Integer.MIN_VALUE, 0, 6})
  void severityOutOfRangeIsAnError(int severity) {
    Corruption fog = Corruptions.byName("fog");
    Image image = SampleImages.ring(28, 1);
    AcclimateException error =
        assertThrows(
            AcclimateException.class, () -> fog.apply(image, severity, SampleImages.random(1)));
    assertTrue(error.getMessage().contains("1..5, found " + severity), error.getMessage());
  }

  @Test
  void tinyImagesAreAnError() {
    Corruption fog = Corruptions.byName("fog");
    AcclimateException error =
        assertThrows(
            AcclimateException.class,
            () -> fog.apply(SampleImages.ring(7, 1), 1, SampleImages.random(1)));
    assertTrue(error.getMessage().contains("7 x 7"), error.getMessage());
  }

  @Test
  void tablesAreChosenBySizeAndComplete() {
    assertEquals(ParameterTable.CIFAR, ParameterTable.forSize(28));
    assertEquals(ParameterTable.CIFAR, ParameterTable.forSize(48));
    assertEquals(ParameterTable.TINY_IMAGENET, ParameterTable.forSize(64));
    assertEquals(ParameterTable.IMAGENET, ParameterTable.forSize(129));
    for (String name : Corruptions.names()) {
      int columns = ParameterTable.CIFAR.parameters(name, 1).length;
      for (ParameterTable table : ParameterTable.values()) {
        for (int severity = 1; severity <= 5; severity++) {
          assertEquals(columns, table.parameters(name, severity).length, table + " " + name);
        }
      }
    }
  }

  @Test
  void imagesCheckTheirShapeAndKeepTheirSamples() {
    byte[] data = {1, 2, 3, 4, 5, (byte) 200};
    Image image = Image.of(1, 2, 3, data);
    data[0] = 9;
    image.data()[1] = 9;
    assertEquals(1, image.sample(0, 0, 0));
    assertEquals(2, image.sample(0, 0, 1));
    assertEquals(200, image.sample(0, 1, 2));
    assertThrows(AcclimateException.class, () -> Image.of(2, 2, 3, data));
    assertThrows(AcclimateException.class, () -> Image.of(1, 3, 2, data));
    assertThrows(AcclimateException.class, () -> Image.of(0, 2, 3, data));
    assertFalse(image.equals(Image.of(2, 1, 3, image.data())));
  }
}

package io.acclimate.simulators.corruption;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.acclimate.runtime.AcclimateException;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Frost over photographs of the user. */
class FrostTest {
  private static final List<String> FILES =
      List.of("frost1.png", "frost2.png", "frost3.png", "frost4.jpg", "frost5.jpg");

  @TempDir Path folder;

  /** Five photographs, each of one colour: red 20 i, green 30 i, blue 40 i. */
  private void writePhotos(int sidePx) throws IOException {
    for (int i = 1; i <= FILES.size(); i++) {
      BufferedImage photo = new BufferedImage(sidePx, sidePx, BufferedImage.TYPE_INT_RGB);
      for (int pixel = 0; pixel < sidePx * sidePx; pixel++) {
        int rgb = (20 * i << 16) | (30 * i << 8) | 40 * i;
        photo.setRGB(pixel % sidePx, pixel / sidePx, rgb);
      }
      ImageIO.write(photo, "png", folder.resolve(FILES.get(i - 1)).toFile());
    }
  }

  @Test
  void addsACropOfAnyOfTheFivePhotographs() throws IOException {
    writePhotos(170);
    Corruption frost = Frost.fromFolder(folder);
    Image black = Image.of(32, 32, 3, new byte[32 * 32 * 3]);
    Set<Image> seen = new HashSet<>();
    for (int seed = 0; seed < 60; seed++) {
      seen.add(frost.apply(black, 2, SampleImages.random(seed)));
    }
    Set<Image> expected = new HashSet<>();
    for (int i = 1; i <= FILES.size(); i++) {
      byte[] data = new byte[32 * 32 * 3];
      for (int at = 0; at < data.length; at++) {
        data[at] = (byte) (.3 * (20 + at % 3 * 10) * i);
      }
      expected.add(Image.of(32, 32, 3, data));
    }
    assertEquals(expected, seen);
  }

  @Test
  void weighsTheImageAndTakesTheLumaForGrey() throws IOException {
    writePhotos(170);
    byte[] data = new byte[28 * 28];
    Arrays.fill(data, (byte) 200);
    Image out =
        Frost.fromFolder(folder).apply(Image.of(28, 28, 1, data), 5, SampleImages.random(1));
    int ice =
        (int) Math.round((out.sample(0, 0, 0) - 150) / .45 / (20 * .299 + 30 * .587 + 40 * .114));
    assertTrue(ice >= 1 && ice <= 5, "photograph " + ice);
    int expected = (int) (.75 * 200 + .45 * ice * (20 * .299 + 30 * .587 + 40 * .114));
    assertEquals(expected, out.sample(27, 27, 0));
  }

  @Test
  void isNoProxy() throws IOException {
    writePhotos(170);
    Corruption frost = Frost.fromFolder(folder);
    assertFalse(frost.isProxy());
    assertTrue(frost.note().contains(folder.toString()));
  }

  @Test
  void missingOrDamagedPhotographsAreNamed() throws IOException {
    writePhotos(40);
    Path third = folder.resolve("frost3.png");
    Files.writeString(third, "no image");
    AcclimateException damaged =
        assertThrows(AcclimateException.class, () -> Frost.fromFolder(folder));
    assertTrue(damaged.getMessage().contains(third.toString()), damaged.getMessage());
    Files.delete(third);
    AcclimateException missing =
        assertThrows(AcclimateException.class, () -> Frost.fromFolder(folder));
    assertTrue(missing.getMessage().contains(third + " is missing"), missing.getMessage());
  }

  @Test
  void photographsSmallerThanTheImageAreAnError() throws IOException {
    writePhotos(100);
    Corruption frost = Frost.fromFolder(folder);
    AcclimateException error =
        assertThrows(
            AcclimateException.class,
            () -> frost.apply(SampleImages.ring(28, 1), 1, SampleImages.random(1)));
    assertTrue(error.getMessage().contains("20 x 20; found 28 x 28"), error.getMessage());
  }
}

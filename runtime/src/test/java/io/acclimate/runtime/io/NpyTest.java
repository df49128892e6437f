package io.acclimate.runtime.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.SeedTree;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.apache.commons.rng.UniformRandomProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class NpyTest {
  private static final int[] SHAPE = {2, 3, 4};

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource(NpyType.class)
  void anyArrayComesBackAsItWas(NpyType type) {
    UniformRandomProvider random = SeedTree.of(1).child(type.name()).generator();
    Path file = folder.resolve("array.npy");
    for (int round = 0; round < 40; round++) {
      int[] shape = IntStream.range(0, random.nextInt(5)).map(d -> random.nextInt(6)).toArray();
      byte[] data = new byte[Arrays.stream(shape).reduce(1, (a, b) -> a * b) * type.bytes()];
      random.nextBytes(data);
      NpyArray array = new NpyArray(type, shape, data);
      Npy.write(file, array);
      assertEquals(array, Npy.read(file));
    }
  }

  @Test
  void readsWhatNumpyWrote() {
    assertEquals(NpyArray.of(halvesAsFloats(), SHAPE), resource("f4-c"));
    assertEquals(NpyArray.of(halves(), SHAPE), resource("f8-fortran"));
    assertEquals(NpyArray.of(halves(), SHAPE), resource("f8-big-endian"));
    assertEquals(NpyArray.of(integers(), SHAPE), resource("i4-big-endian-fortran"));
    assertEquals(NpyArray.of(new long[] {-7}), resource("i8-scalar"));
    assertArrayEquals(new int[] {0, 127, 128, 255}, resource("u1-vector").toInts());
    assertArrayEquals(new int[] {-128, -1, 0, 127}, resource("i1-vector").toInts());
    assertEquals(new NpyArray(NpyType.B1, new int[] {0, 3}, new byte[0]), resource("b1-empty"));
    NpyArray flags = new NpyArray(NpyType.B1, new int[] {3}, new byte[] {1, 0, 1});
    assertEquals(flags, resource("b1-version2"));
    assertEquals(flags, resource("b1-version3"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"f4-c", "i8-scalar", "u1-vector", "i1-vector", "b1-empty"})
  void writesTheBytesNumpyWrites(String name) throws Exception {
    Path file = folder.resolve("copy.npy");
    Npy.write(file, resource(name));
    assertArrayEquals(Files.readAllBytes(path(name)), Files.readAllBytes(file));
  }

  @Test
  void convertsElements() {
    assertArrayEquals(halves(), resource("f4-c").toDoubles());
    assertArrayEquals(halvesAsFloats(), resource("f8-fortran").toFloats());
    assertArrayEquals(new double[] {-7}, resource("i8-scalar").toDoubles());
    assertArrayEquals(new float[] {1, 0, 1}, resource("b1-version2").toFloats());
    assertConversionRefused(NpyArray.of(new double[] {1, 2.5}, 2), "element 1", "2.5");
    assertConversionRefused(NpyArray.of(new float[] {Float.NaN}, 1), "element 0", "NaN");
    assertConversionRefused(NpyArray.of(new long[] {1L << 31}, 1), "element 0", "2.147483648E9");
  }

  @Test
  void acceptsHeadersOfOtherWriters() throws IOException {
    byte[] data = {1, 2};
    NpyArray expected = new NpyArray(NpyType.U1, new int[] {2, 1}, data);
    assertEquals(
        expected, Npy.read(file("{\"shape\":(2,1),'fortran_order':True,'descr':'|u1'}", data)));
    assertEquals(
        expected,
        Npy.read(file("{'descr': '<u1', 'fortran_order': False, 'shape': (2L, 1L,),}\n", data)));
  }

  @Test
  void refusesArrayWhoseBytesDoNotFillItsShape() {
    assertThrows(AcclimateException.class, () -> NpyArray.of(new float[3], 2, 2));
    assertThrows(AcclimateException.class, () -> NpyArray.of(new float[1], -1, -1));
  }

  @Test
  void refusesFilesThatAreNoArrays() throws Exception {
    assertRefused(folder.resolve("none.npy"), "expected a file, found nothing there");
    assertRefused(folder, "expected a file, found a folder");
    assertRefused(bytes(), "expected 8 bytes of magic and version, found 0 (truncated)");
    assertRefused(bytes('P', 'K', 3, 4, 0, 0, 0, 0), "expected the magic bytes \\x93NUMPY, found");
    assertRefused(bytes(0x93, 'N', 'U', 'M', 'P', 'Y', 4, 0), "1.0, 2.0 or 3.0, found 4.0");
    assertRefused(bytes(0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, 9), "2 bytes of header length");
    assertRefused(
        bytes(0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, 9, 0, '{'), "9 bytes of header, found 1");
    assertRefused(
        bytes(0x93, 'N', 'U', 'M', 'P', 'Y', 2, 0, 0xFF, 0xFF, 0xFF, 0xFF),
        "at most 10000 bytes, found one of 4294967295");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "{}",
        "[1, 2]",
        "{'descr': '|u1', 'shape': (1,)}",
        "{'descr': '|u1', 'fortran_order': 'no', 'shape': (1,)}",
        "{'descr': '|u1', 'fortran_order': False, 'shape': (1,), 'more': True}",
        "{'descr': '|u1', 'descr': '|u1', 'fortran_order': False, 'shape': (1,)}",
        "{'descr': '|u1' 'fortran_order': False, 'shape': (1,)}",
        "{'descr': '|u1', 'fortran_order': False, 'shape': (1,), !}"
      })
  void refusesBrokenHeaderDict(String header) throws IOException {
    assertRefused(
        file(header, 0), "expected a header dict with descr, fortran_order and shape, found");
  }

  @Test
  void refusesShapesThatCannotBe() throws IOException {
    assertRefused(shaped("(-1, -2)", 1, 2), "dimensions of 0 or more, found shape [-1, -2]");
    assertRefused(shaped("(4294967297,)", 1), "from 0 to 2147483647, found shape (4294967297,)");
    assertRefused(
        shaped("(2147483647, 2147483647, 2147483647)"), "expected a shape that can be counted");
    assertRefused(shaped("(3)", 1, 2, 3), "expected a tuple of integers as shape, found (3)");
    assertRefused(shaped("(a,)", 1), "expected a tuple of integers as shape, found (a,)");
    assertRefused(shaped("True", 1), "expected a tuple of integers as shape, found True");
  }

  @Test
  void refusesDataOfAnotherSizeThanTheShapeSays() throws IOException {
    assertRefused(shaped("(3,)", 1, 2), "expected 3 bytes of data for |u1[3], found 2");
    assertRefused(shaped("(3,)", 1, 2, 3, 4), "expected 3 bytes of data for |u1[3], found 4");
    assertRefused(shaped("(2147483647, 4)", 1), "expected 8589934588 bytes of data");
    assertRefused(shaped("()"), "expected 1 bytes of data for |u1[], found 0");
  }

  @Test
  void refusesOtherElementTypes() throws Exception {
    String expected = "expected dtype f4, f8, i4, i8, u1, i1 or b1, found ";
    assertRefused(path("object"), expected + "'|O'");
    assertRefused(path("structured"), expected + "[('a', '<f4'), ('b', '<i4')]");
    assertRefused(path("u2"), expected + "'<u2'");
    assertRefused(
        file("{'descr': '|f4', 'fortran_order': False, 'shape': ()}", 0, 0, 0, 0),
        expected + "'|f4'");
  }

  private Path shaped(String shape, int... data) throws IOException {
    return file("{'descr': '|u1', 'fortran_order': False, 'shape': " + shape + ", }\n", data);
  }

  private Path file(String header, int... data) throws IOException {
    return file(header, toBytes(data));
  }

  /** A file of version 1.0, unpadded. */
  private Path file(String header, byte[] data) throws IOException {
    String text =
        "\u0093NUMPY\u0001\0" + (char) (header.length() & 0xFF) + (char) (header.length() >> 8);
    byte[] start = (text + header).getBytes(StandardCharsets.ISO_8859_1);
    byte[] all = Arrays.copyOf(start, start.length + data.length);
    System.arraycopy(data, 0, all, start.length, data.length);
    return Files.write(folder.resolve("made.npy"), all);
  }

  private Path bytes(int... values) throws IOException {
    return Files.write(folder.resolve("made.npy"), toBytes(values));
  }

  private static byte[] toBytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }

  private static int[] integers() {
    return IntStream.range(-5, 19).toArray();
  }

  private static double[] halves() {
    return IntStream.range(-5, 19).mapToDouble(i -> i / 2.0).toArray();
  }

  private static float[] halvesAsFloats() {
    float[] values = new float[24];
    for (int i = 0; i < values.length; i++) {
      values[i] = (i - 5) / 2f;
    }
    return values;
  }

  private static NpyArray resource(String name) {
    return Npy.read(path(name));
  }

  private static Path path(String name) {
    try {
      return Path.of(NpyTest.class.getResource("/npy/" + name + ".npy").toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void assertRefused(Path file, String text) {
    AcclimateException error = assertThrows(AcclimateException.class, () -> Npy.read(file));
    assertMessage(error, file.toString(), text);
  }

  private static void assertConversionRefused(NpyArray array, String where, String found) {
    AcclimateException error = assertThrows(AcclimateException.class, array::toInts);
    assertMessage(error, where, found);
  }

  private static void assertMessage(AcclimateException error, String start, String part) {
    String message = error.getMessage();
    if (!message.startsWith(start) || !message.contains(part)) {
      assertEquals(start + ": .. " + part, message);
    }
  }
}

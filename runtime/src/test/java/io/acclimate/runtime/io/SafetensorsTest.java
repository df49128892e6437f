package io.acclimate.runtime.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.commons.rng.UniformRandomProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsTest {
  @TempDir Path folder;

  private static Path resource(String name) throws Exception {
    return Path.of(SafetensorsTest.class.getResource("/safetensors/" + name).toURI());
  }

  @Test
  void readsWhatThePublicPackageWrote() throws Exception {
    try (SafetensorsFile file = Safetensors.open(resource("mixed.safetensors"))) {
      assertEquals(Map.of("made by", "safetensors é"), file.metadata());
      assertEquals(9, file.names().size());
      assertArrayEquals(new byte[] {1, 0, 1}, file.read("flags").toByteArray());
      assertArrayEquals(
          new float[] {0, .5f, 1, 1.5f, 2, 2.5f}, file.read("weights").toFloatArray());
      assertArrayEquals(new long[] {2, 3}, file.shape("weights"));
      assertEquals((short) 0x3E00, file.read("halves").halves().get(0));
      assertArrayEquals(new double[] {1.0 / 3}, file.read("doubles").toDoubleArray());
      assertArrayEquals(new long[] {-7, 1L << 40}, file.read("ids").toLongArray());
      assertArrayEquals(new byte[] {-128, 127}, file.read("small").toByteArray());
      assertArrayEquals(new byte[] {0, -1}, file.read("pixels").toByteArray());
      assertEquals(DType.UINT8, file.type("pixels"));
      assertEquals(42, file.read("counts").ints().get(0));
      assertArrayEquals(new long[] {0, 4}, file.read("none").shape());
    }
  }

  @Test
  void refusesElementTypesOfTheFormatThatTensorsCannotHold() {
    AcclimateException error =
        assertThrows(AcclimateException.class, () -> Safetensors.open(resource("u2.safetensors")));
    assertTrue(error.getMessage().contains("u2.safetensors: tensor 'words'"), error.getMessage());
    assertTrue(error.getMessage().contains("found U16 (unsupported)"), error.getMessage());
  }

  @Test
  void anyTensorsComeBackInTheirOrder() {
    UniformRandomProvider random = SeedTree.of(3).generator();
    for (int round = 0; round < 30; round++) {
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      for (int i = random.nextInt(8); i > 0; i--) {
        tensors.put("t/" + random.nextInt(1000) + "\"é\n", randomTensor(random));
      }
      Map<String, String> metadata = Map.of("k" + round, "v\u0000\\");
      Path file = folder.resolve("any.safetensors");
      Safetensors.write(file, tensors, metadata);
      assertSame(tensors, metadata, Safetensors.read(file));
      assertSame(tensors, metadata, Safetensors.read(Safetensors.toBytes(tensors, metadata)));
    }
  }

  private static Tensor randomTensor(UniformRandomProvider random) {
    DType type = DType.values()[random.nextInt(DType.values().length)];
    long[] shape = new long[random.nextInt(4)];
    for (int axis = 0; axis < shape.length; axis++) {
      shape[axis] = random.nextInt(5);
    }
    byte[] bytes = new byte[(int) Tensor.elements(shape) * type.bytes()];
    random.nextBytes(bytes);
    return Tensor.ofBytes(type, bytes, shape);
  }

  private static void assertSame(
      Map<String, Tensor> tensors, Map<String, String> metadata, Safetensors.Contents found) {
    assertEquals(metadata, found.metadata());
    assertEquals(new ArrayList<>(tensors.keySet()), new ArrayList<>(found.tensors().keySet()));
    tensors.forEach((name, tensor) -> assertTrue(tensor.contentEquals(found.tensors().get(name))));
  }

  /** Readers that map the file need every tensor at a multiple of its element size. */
  @Test
  void dataAreAlignedWhateverTheOrderOfTheNames() {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put("byte", Tensor.allocate(DType.UINT8, 3));
    tensors.put("half", Tensor.allocate(DType.FLOAT16, 1));
    tensors.put("double", Tensor.ofDoubles(new double[] {7}, 1));
    byte[] bytes = Safetensors.toBytes(tensors, Map.of());
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int start = 8 + (int) buffer.getLong(0);
    assertEquals(0, start % 8);
    assertEquals(7.0, buffer.getDouble(start));
    assertEquals(start + 8 + 2 + 3, bytes.length);
  }

  @Test
  void refusesTheReservedName() {
    Map<String, Tensor> tensors = Map.of("__metadata__", Tensor.allocate(DType.BOOL));
    assertThrows(AcclimateException.class, () -> Safetensors.toBytes(tensors, Map.of()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[]                                                        | begins with {",
        "{\"a\":                                                   | header in JSON, found",
        "{} {}                                                     | header in JSON, found",
        "{\"a\":1}                                                 | tensor 'a': expected dtype",
        "{\"__metadata__\":[]}                                     | texts under __metadata__",
        "{\"__metadata__\":{\"k\":1}}                              | under __metadata__.k, found 1",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[4]}}                  | tensor 'a': expected dtype",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0]}}    | two data_offsets",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[-4],\"data_offsets\":[0,4]}} | whole numbers from 0",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[4.0],\"data_offsets\":[0,4]}}| whole numbers from 0",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,99999999999999999999]}} | whole numbers",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[4,0]}}  | expected 4 bytes",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,4]}} | expected 16 bytes",
        "{\"a\":{\"dtype\":\"F9\",\"shape\":[4],\"data_offsets\":[0,4]}}  | found F9 (unsupported)",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[9007199254740992,9007199254740992],\"data_offsets\":[0,4]}} | too many elements",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]},\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]}} | Duplicate field 'a'",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[0,3]},\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[2,4]}} | tensor 'b': expected its data at 3, found 2 (overlaps",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[2,4]}}  | leaves a hole",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]}}  | expected 2 bytes of tensor data, found 4",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[9],\"data_offsets\":[0,9]}}  | found 4 (truncated)"
      })
  void refusesHeadersThatBreakTheFormat(String header, String message) throws IOException {
    byte[] json = header.strip().getBytes(StandardCharsets.UTF_8);
    byte[] bytes =
        ByteBuffer.allocate(8 + json.length + 4)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(json.length)
            .put(json)
            .array();
    assertRefused(bytes, message);
  }

  @Test
  void refusesLengthsThatCannotBe() throws IOException {
    assertRefused(new byte[] {1, 2, 3}, "truncated");
    assertRefused(length(-1), "found a length of 18446744073709551615");
    assertRefused(length(1L << 40), "of 2 to 100000000 bytes");
    assertRefused(length(1), "found a length of 1");
    assertRefused(length(1000), "expected a header of 1000 bytes, found 8 (truncated)");
  }

  private static byte[] length(long length) {
    return ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN).putLong(length).array();
  }

  private void assertRefused(byte[] bytes, String message) throws IOException {
    AcclimateException inMemory =
        assertThrows(AcclimateException.class, () -> Safetensors.read(bytes));
    assertTrue(inMemory.getMessage().contains(message), inMemory.getMessage());
    Path file = Files.write(folder.resolve("broken.safetensors"), bytes);
    AcclimateException onDisk =
        assertThrows(AcclimateException.class, () -> Safetensors.open(file));
    assertTrue(onDisk.getMessage().startsWith(file.toString()), onDisk.getMessage());
    assertTrue(onDisk.getMessage().contains(message), onDisk.getMessage());
  }

  @Test
  void everyTruncationIsFoundBeforeAnythingIsRead() throws Exception {
    byte[] bytes = Files.readAllBytes(resource("mixed.safetensors"));
    for (int length = 0; length < bytes.length; length += 7) {
      byte[] part = Arrays.copyOf(bytes, length);
      assertThrows(AcclimateException.class, () -> Safetensors.read(part));
    }
  }

  @Test
  void askingForAnUnknownTensorNamesThoseThatAre() throws Exception {
    try (SafetensorsFile file = Safetensors.open(resource("mixed.safetensors"))) {
      AcclimateException error = assertThrows(AcclimateException.class, () -> file.read("wieghts"));
      assertTrue(error.getMessage().contains("'wieghts', found ["), error.getMessage());
    }
    assertThrows(AcclimateException.class, () -> Safetensors.open(folder.resolve("none")));
  }
}

package io.acclimate.bank.codec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.acclimate.bank.TensorMaps;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.io.Safetensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.commons.rng.sampling.distribution.ZigguratSampler;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CodecsTest {
  private static Map<String, Tensor> adapter(int size) {
    ZigguratSampler normal = ZigguratSampler.NormalizedGaussian.of(SeedTree.of(size).generator());
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    Tensor up = Tensor.allocate(DType.FLOAT32, size, 10);
    for (int i = 0; i < 10 * size; i++) {
      up.floats().put(i, (float) (0.1 * normal.sample()));
    }
    Tensor down = Tensor.allocate(DType.FLOAT64, 3);
    down.doubles().put(0, 0.25).put(1, -0.1);
    tensors.put("z.up", up);
    tensors.put("ids", Tensor.ofLongs(new long[] {7, -1}, 2));
    tensors.put("a.down", down);
    return tensors;
  }

  private static Map<String, Tensor> roundTrip(AdapterCodec codec, Map<String, Tensor> tensors) {
    Safetensors.Contents encoded = Codecs.encode(codec, tensors);
    byte[] bytes = Safetensors.toBytes(encoded.tensors(), encoded.metadata());
    return Codecs.decode(Safetensors.read(bytes));
  }

  private static void assertSameLayout(Map<String, Tensor> expected, Map<String, Tensor> found) {
    assertEquals(new ArrayList<>(expected.keySet()), new ArrayList<>(found.keySet()));
    expected.forEach((name, tensor) -> assertEquals(tensor.toString(), found.get(name).toString()));
    assertTrue(expected.get("ids").contentEquals(found.get("ids")));
  }

  @Test
  void losslessKeepsEveryBit() {
    Map<String, Tensor> tensors = adapter(20);
    Map<String, Tensor> found = roundTrip(Codecs.lossless(), tensors);
    assertSameLayout(tensors, found);
    tensors.forEach((name, tensor) -> assertTrue(tensor.contentEquals(found.get(name))));
  }

  @Test
  void float16KeepsElevenBits() {
    Map<String, Tensor> tensors = adapter(20);
    Map<String, Tensor> found = roundTrip(Codecs.float16(), tensors);
    assertSameLayout(tensors, found);
    float[] before = tensors.get("z.up").toFloatArray();
    float[] after = found.get("z.up").toFloatArray();
    for (int i = 0; i < before.length; i++) {
      assertEquals(before[i], after[i], Math.max(Math.abs(before[i]) / 2048, 3e-8));
    }
    assertEquals(0.25, found.get("a.down").doubles().get(0));
    tensors.get("z.up").floats().put(3, 70_000);
    AcclimateException error =
        assertThrows(AcclimateException.class, () -> Codecs.encode(Codecs.float16(), tensors));
    assertTrue(error.getMessage().startsWith("tensor 'z.up'"), error.getMessage());
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.01, 0.05, 0.1, 0.2, 0.3, 0.5})
  void compeftKeepsTheSignsOfTheLargestNearTheEntropyBound(double density) {
    Map<String, Tensor> tensors = adapter(4000);
    Safetensors.Contents encoded = Codecs.encode(Codecs.compeft(density, 2), tensors);
    Map<String, Tensor> found = roundTrip(Codecs.compeft(density, 2), tensors);
    assertSameLayout(tensors, found);
    Map<String, Tensor> floats = new LinkedHashMap<>(tensors);
    floats.remove("ids");
    found = new LinkedHashMap<>(found);
    found.remove("ids");
    double[] before = TensorMaps.flatten(floats);
    double[] after = TensorMaps.flatten(found);
    double magnitude = 2 * deviation(before);
    double[] order = Arrays.stream(before).map(Math::abs).sorted().toArray();
    int kept = (int) Math.round(density * before.length);
    double bound = order[order.length - kept];
    int nonZero = 0;
    for (int i = 0; i < before.length; i++) {
      double expected = Math.abs(before[i]) >= bound ? Math.signum(before[i]) * magnitude : 0;
      assertEquals(expected, after[i], 1e-6);
      nonZero += after[i] != 0 ? 1 : 0;
    }
    assertEquals(kept, nonZero);
    double entropy =
        density
            - (density * Math.log(density) + (1 - density) * Math.log1p(-density)) / Math.log(2);
    double bits = 8.0 * encoded.tensors().get("compeft.bits").elements() / before.length;
    assertTrue(bits <= 1.05 * entropy, bits + " bits of " + entropy);
  }

  private static double deviation(double[] values) {
    double mean = Arrays.stream(values).average().orElseThrow();
    return Math.sqrt(
        Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum() / (values.length - 1));
  }

  @Test
  void compeftOfEqualValuesKeepsTheFirst() {
    Map<String, Tensor> ties = Map.of("w", Tensor.ofFloats(new float[] {1, -1, 1, -1}, 4));
    float[] found = roundTrip(Codecs.compeft(0.5, 1), ties).get("w").toFloatArray();
    float c = found[0];
    assertTrue(c > 0);
    assertArrayEquals(new float[] {c, -c, 0, 0}, found);
    Map<String, Tensor> zeros = Map.of("w", Tensor.allocate(DType.FLOAT32, 6));
    assertArrayEquals(
        new float[6], roundTrip(Codecs.compeft(0.5, 1), zeros).get("w").toFloatArray());
  }

  @Test
  void golombCodeReadsWhatItWrote() {
    for (int divisor = 1; divisor <= 20; divisor++) {
      BitWriter bits = new BitWriter();
      for (int number = 0; number < 100; number++) {
        GolombCode.write(bits, number, divisor);
      }
      BitReader reader = new BitReader(bits.toBytes());
      for (int number = 0; number < 100; number++) {
        assertEquals(number, GolombCode.read(reader, divisor));
      }
    }
    assertEquals(14, GolombCode.divisorFor(0.05));
    assertEquals(1, GolombCode.divisorFor(0.5));
  }

  @Test
  void unknownCodecsAndDamagedContentsAreRefused() {
    Safetensors.Contents other = new Safetensors.Contents(Map.of(), Map.of("codec", "zip"));
    assertThrows(AcclimateException.class, () -> Codecs.decode(other));
    Safetensors.Contents cut =
        new Safetensors.Contents(
            Map.of("compeft.bits", Tensor.allocate(DType.UINT8, 1)),
            Codecs.encode(Codecs.compeft(0.2, 1), adapter(20)).metadata());
    assertThrows(AcclimateException.class, () -> Codecs.decode(cut));
    assertThrows(AcclimateException.class, () -> Codecs.compeft(0.6, 1));
    assertThrows(AcclimateException.class, () -> Codecs.compeft(0.2, 0));
  }
}

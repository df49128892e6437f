package io.acclimate.runtime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TensorTest {
  @ParameterizedTest
  @EnumSource(DType.class)
  void everyTypeIsFoundByItsNames(DType type) {
    assertEquals(type, DType.ofOnnxCode(type.onnxCode()));
    assertEquals(type, DType.ofSafetensorsName(type.safetensorsName()));
  }

  @Test
  void otherTypesAreRefused() {
    AcclimateException bfloat16 =
        assertThrows(AcclimateException.class, () -> DType.ofOnnxCode(16));
    assertTrue(bfloat16.getMessage().contains("data type 16"), bfloat16.getMessage());
    assertThrows(AcclimateException.class, () -> DType.ofSafetensorsName("BF16"));
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void contentsAreEqualOnlyWhenTypeShapeAndEveryBitAre(DType type) {
    Tensor tensor = Tensor.allocate(type, 2, 3);
    Tensor copy = tensor.copy();
    assertTrue(tensor.contentEquals(copy));
    copy.bytes().put(type.bytes() * 6 - 1, (byte) 1);
    assertFalse(tensor.contentEquals(copy));
    assertFalse(tensor.contentEquals(Tensor.allocate(type, 3, 2)));
    DType other = type == DType.BOOL ? DType.INT8 : DType.BOOL;
    assertFalse(tensor.contentEquals(Tensor.allocate(other, 2, 3)));
  }

  @Test
  void notANumberEqualsItselfAndZeroHasASign() {
    Tensor tensor = Tensor.ofDoubles(new double[] {Double.NaN, 0}, 2);
    assertTrue(tensor.contentEquals(tensor.copy()));
    assertFalse(tensor.contentEquals(Tensor.ofDoubles(new double[] {Double.NaN, -0.0}, 2)));
  }

  @Test
  void bytesAreAViewOfEverything() {
    Tensor tensor = Tensor.ofInts(new int[] {1, 2}, 2);
    tensor.bytes().putInt(4, 7);
    assertArrayEquals(new int[] {1, 7}, tensor.toIntArray());
    assertEquals(8, tensor.bytes().remaining());
    assertTrue(tensor.contentEquals(Tensor.ofBytes(DType.INT32, tensor.toByteArray(), 2)));
    assertEquals(4, tensor.rows(1).bytes().remaining());
  }

  @Test
  void wrongNumbersOfValuesAndWrongTypesAreRefused() {
    assertThrows(AcclimateException.class, () -> Tensor.ofDoubles(new double[3], 2));
    assertThrows(AcclimateException.class, () -> Tensor.ofInts(new int[3], 4));
    AcclimateException bytes =
        assertThrows(AcclimateException.class, () -> Tensor.ofBytes(DType.FLOAT16, new byte[3], 2));
    assertEquals("FLOAT16[2] holds 4 bytes, found 3", bytes.getMessage());
    assertThrows(AcclimateException.class, () -> Tensor.allocate(DType.UINT8, 1).halves());
  }
}

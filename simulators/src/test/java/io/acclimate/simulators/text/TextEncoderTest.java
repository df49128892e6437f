package io.acclimate.simulators.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TextEncoderTest {
  private static final String TOKENIZER = "all-minilm-l6-v2-tokenizer.json";

  /** The numbers are those of the model's published tokeniser: [CLS] hi [SEP], then padding. */
  @Test
  void textsAreCutAndPaddedToOneLength() {
    try (TextEncoder encoder = TextEncoder.ofResource(TOKENIZER, 5)) {
      Map<String, Tensor> batch = encoder.allocate(3);
      encoder.encode(List.of("hi", "light SMTP client with support for profiles"), batch);
      long[] ids = batch.get("input_ids").toLongArray();
      assertArrayEquals(
          new long[] {101, 7632, 102, 0, 0, 101, 2422, 15488, 25856, 102, 0, 0, 0, 0, 0}, ids);
      long[] mask = batch.get("attention_mask").toLongArray();
      assertArrayEquals(new long[] {1, 1, 1, 0, 0, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0}, mask);
    }
  }

  @Test
  void whatIsNoTokeniserIsRefused(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("noise.json"), "noise");
    String message =
        assertThrows(AcclimateException.class, () -> TextEncoder.ofFile(file, 5)).getMessage();
    assertTrue(message.contains("noise.json: not a tokeniser"), message);
    assertThrows(AcclimateException.class, () -> TextEncoder.ofResource("nowhere.json", 5));
    assertThrows(AcclimateException.class, () -> TextEncoder.ofResource(TOKENIZER, 2));
  }
}

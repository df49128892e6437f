package io.acclimate.simulators.text;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.io.InputFiles;
import java.io.IOException;
import java.io.InputStream;
import java.nio.LongBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.slf4j.LoggerFactory;

/**
 * Turns texts into the token inputs of a transformer, with a tokeniser file of Hugging Face's
 * format. Every text takes the same number of tokens: longer ones are cut, shorter ones padded and
 * masked.
 *
 * <p>Thread-safe. Close it to free the native tokeniser.
 */
public final class TextEncoder implements AutoCloseable {
  /** The names of a BERT-like model's inputs, each {@code [batch, length]}, INT64. */
  public static final List<String> INPUTS =
      List.of("input_ids", "attention_mask", "token_type_ids");

  private static final String CACHE = "DJL_CACHE_DIR";

  private final HuggingFaceTokenizer tokenizer;
  private final int length;

  private TextEncoder(HuggingFaceTokenizer tokenizer, int length) {
    this.tokenizer = tokenizer;
    this.length = length;
  }

  /**
   * Opens a tokeniser of the class path.
   *
   * @param resource the absolute name without a leading slash
   * @param length tokens of each text, its marks at begin and end included; at least 3
   * @throws AcclimateException when the resource is missing or no tokeniser
   */
  public static TextEncoder ofResource(String resource, int length) {
    ClassLoader loader = TextEncoder.class.getClassLoader();
    try (InputStream in = loader.getResourceAsStream(resource)) {
      if (in == null) {
        throw new AcclimateException("tokeniser not found on the class path: " + resource);
      }
      return open(resource, in, length);
    } catch (IOException e) {
      throw new AcclimateException("cannot read tokeniser from class path: " + resource, e);
    }
  }

  /** Opens a tokeniser file; see {@link #ofResource}. */
  public static TextEncoder ofFile(Path file, int length) {
    InputFiles.requireFile(file);
    try (InputStream in = Files.newInputStream(file)) {
      return open(file.toString(), in, length);
    } catch (IOException e) {
      throw InputFiles.failed(file, e);
    }
  }

  private static TextEncoder open(String name, InputStream in, int length) {
    if (length < 3) {
      throw new AcclimateException("tokens of a text: expected at least 3, found " + length);
    }
    Map<String, String> options =
        Map.of(
            "padding", "max_length",
            "truncation", "true",
            "maxLength", Integer.toString(length));
    try {
      LibraryFolder.prepare();
      return new TextEncoder(HuggingFaceTokenizer.newInstance(in, options), length);
    } catch (IOException | RuntimeException e) {
      throw new AcclimateException(name + ": not a tokeniser (" + e.getMessage() + ")", e);
    }
  }

  /**
   * Where the native library is unpacked: a temporary folder that is removed when the JVM ends,
   * unless the user has chosen another one.
   */
  private static final class LibraryFolder {
    static {
      if (System.getProperty(CACHE) == null && System.getenv(CACHE) == null) {
        System.setProperty(CACHE, temporary().toString());
      }
      System.setProperty("ai.djl.offline", "true");
      System.setProperty("OPT_OUT_TRACKING", "true");
    }

    private static Path temporary() {
      try {
        Path folder = Files.createTempDirectory("acclimate-tokenizers");
        Runtime.getRuntime().addShutdownHook(new Thread(() -> remove(folder), "tokenizer-folder"));
        return folder;
      } catch (IOException e) {
        throw new AcclimateException("no room for a temporary folder", e);
      }
    }

    private static void remove(Path folder) {
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.deleteIfExists(file);
        }
      } catch (IOException e) {
        LoggerFactory.getLogger(TextEncoder.class).debug("cannot remove {}", folder, e);
      }
    }

    static void prepare() {
      // the static block has done it
    }
  }

  /** Tokens of each text. */
  public int length() {
    return length;
  }

  /** New tensors for a batch, by the names of {@link #INPUTS}. */
  public Map<String, Tensor> allocate(int batch) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    INPUTS.forEach(name -> tensors.put(name, Tensor.allocate(DType.INT64, batch, length)));
    return tensors;
  }

  /**
   * Encodes texts into the first rows of a batch's tensors.
   *
   * @param texts at most as many as the tensors have rows
   * @param target from {@link #allocate}
   */
  public void encode(List<String> texts, Map<String, Tensor> target) {
    Encoding[] encodings = tokenizer.batchEncode(texts);
    for (int i = 0; i < encodings.length; i++) {
      put(target.get("input_ids"), i, encodings[i].getIds());
      put(target.get("attention_mask"), i, encodings[i].getAttentionMask());
      put(target.get("token_type_ids"), i, encodings[i].getTypeIds());
    }
  }

  private void put(Tensor tensor, int row, long[] values) {
    LongBuffer longs = tensor.longs();
    longs.put(row * length, values);
  }

  @Override
  public void close() {
    tokenizer.close();
  }
}

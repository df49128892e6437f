package io.acclimate.runtime.io;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The front of a safetensors file: what tensors it holds and where.
 *
 * @param entries the tensors by name, in the header's order
 * @param metadata the texts under {@code __metadata__}, in the header's order
 * @param dataStart where the data begin, in bytes from the start of the file
 */
record SafetensorsHeader(Map<String, Entry> entries, Map<String, String> metadata, long dataStart) {
  /** Bytes of the number in front of the header. */
  static final int LENGTH_BYTES = Long.BYTES;

  static final String METADATA = "__metadata__";

  /** The public implementation refuses longer headers, too. */
  private static final long MAX_BYTES = 100_000_000;

  private static final JsonMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  /**
   * One tensor.
   *
   * @param begin where its bytes begin, counted from the start of the data
   * @param end where they end
   */
  record Entry(String name, DType type, long[] shape, long begin, long end) {}

  /** The header that names these tensors; the data are ordered by falling element size. */
  static SafetensorsHeader of(Map<String, Tensor> tensors, Map<String, String> metadata) {
    Map<String, Long> begins = new LinkedHashMap<>();
    long at = 0;
    for (Map.Entry<String, Tensor> tensor : dataOrder(tensors)) {
      begins.put(tensor.getKey(), at);
      at += tensor.getValue().bytes().capacity();
    }
    Map<String, Entry> entries = new LinkedHashMap<>();
    tensors.forEach(
        (name, tensor) -> {
          if (name.equals(METADATA)) {
            throw new AcclimateException("no tensor may be named " + METADATA);
          }
          long begin = begins.get(name);
          long end = begin + tensor.bytes().capacity();
          entries.put(name, new Entry(name, tensor.type(), tensor.shape(), begin, end));
        });
    return new SafetensorsHeader(entries, metadata, 0);
  }

  /** Wide elements first, so that every tensor begins at a multiple of its element size. */
  static List<Map.Entry<String, Tensor>> dataOrder(Map<String, Tensor> tensors) {
    List<Map.Entry<String, Tensor>> order = new ArrayList<>(tensors.entrySet());
    order.sort(Comparator.comparing(tensor -> -tensor.getValue().type().bytes()));
    return order;
  }

  /** The length number and the JSON text, padded with spaces to a multiple of eight bytes. */
  byte[] toBytes() {
    ByteArrayOutputStream json = new ByteArrayOutputStream();
    try (JsonGenerator out = JSON.createGenerator(json)) {
      writeJson(out);
    } catch (IOException e) {
      throw new IllegalStateException("writing into memory cannot fail", e);
    }
    int padding = Math.floorMod(-json.size(), Long.BYTES);
    if (json.size() + padding > MAX_BYTES) {
      throw new AcclimateException(
          "expected a header of at most %d bytes, found one of %d"
              .formatted(MAX_BYTES, json.size() + padding));
    }
    json.writeBytes(" ".repeat(padding).getBytes(StandardCharsets.US_ASCII));
    return ByteBuffer.allocate(LENGTH_BYTES + json.size())
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(json.size())
        .put(json.toByteArray())
        .array();
  }

  private void writeJson(JsonGenerator out) throws IOException {
    out.writeStartObject();
    if (!metadata.isEmpty()) {
      out.writeObjectFieldStart(METADATA);
      for (Map.Entry<String, String> text : metadata.entrySet()) {
        out.writeStringField(text.getKey(), text.getValue());
      }
      out.writeEndObject();
    }
    for (Entry entry : entries.values()) {
      out.writeObjectFieldStart(entry.name());
      out.writeStringField("dtype", entry.type().safetensorsName());
      out.writeFieldName("shape");
      out.writeArray(entry.shape(), 0, entry.shape().length);
      out.writeFieldName("data_offsets");
      out.writeArray(new long[] {entry.begin(), entry.end()}, 0, 2);
      out.writeEndObject();
    }
    out.writeEndObject();
  }

  /**
   * Checks the number in front of the header.
   *
   * @param fileBytes the size of the whole file
   * @return the header's size in bytes
   */
  static int checkLength(long headerBytes, long fileBytes) {
    if (headerBytes < 2 || headerBytes > MAX_BYTES) {
      throw new AcclimateException(
          "expected a safetensors header of 2 to %d bytes, found a length of %s"
              .formatted(MAX_BYTES, Long.toUnsignedString(headerBytes)));
    }
    if (headerBytes > fileBytes - LENGTH_BYTES) {
      throw new AcclimateException(
          "expected a header of %d bytes, found %d (truncated)"
              .formatted(headerBytes, fileBytes - LENGTH_BYTES));
    }
    return (int) headerBytes;
  }

  /**
   * Reads and checks the JSON text.
   *
   * @param fileBytes the size of the whole file: the tensors must fill it without holes or overlaps
   */
  static SafetensorsHeader parse(byte[] json, long fileBytes) {
    if (json[0] != '{') {
      throw new AcclimateException("expected a safetensors header that begins with {, found other");
    }
    Map<String, Entry> entries = new LinkedHashMap<>();
    Map<String, String> metadata = Map.of();
    try {
      for (Map.Entry<String, JsonNode> field : JSON.readTree(json).properties()) {
        if (field.getKey().equals(METADATA)) {
          metadata = metadata(field.getValue());
        } else {
          entries.put(field.getKey(), entry(field.getKey(), field.getValue()));
        }
      }
    } catch (JsonProcessingException e) {
      throw new AcclimateException(
          "expected a safetensors header in JSON, found: " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new IllegalStateException("reading from memory cannot fail", e);
    }
    long start = LENGTH_BYTES + json.length;
    checkLayout(entries, fileBytes - start);
    return new SafetensorsHeader(
        Collections.unmodifiableMap(entries), Collections.unmodifiableMap(metadata), start);
  }

  private static Map<String, String> metadata(JsonNode node) {
    Map<String, String> texts = new LinkedHashMap<>();
    if (!node.isObject()) {
      throw new AcclimateException("expected texts under __metadata__, found " + node);
    }
    for (Map.Entry<String, JsonNode> field : node.properties()) {
      if (!field.getValue().isTextual()) {
        throw new AcclimateException(
            "expected a text under __metadata__.%s, found %s"
                .formatted(field.getKey(), field.getValue()));
      }
      texts.put(field.getKey(), field.getValue().textValue());
    }
    return texts;
  }

  private static Entry entry(String name, JsonNode node) {
    JsonNode dtype = node.path("dtype");
    long[] offsets = wholeNumbers(node.path("data_offsets"));
    long[] shape = wholeNumbers(node.path("shape"));
    if (node.size() != 3
        || !dtype.isTextual()
        || shape == null
        || offsets == null
        || offsets.length != 2) {
      throw new AcclimateException(
          "tensor '%s': expected dtype, shape and two data_offsets of whole numbers from 0, found %s"
              .formatted(name, node));
    }
    try {
      DType type = DType.ofSafetensorsName(dtype.textValue());
      long bytes = Math.multiplyExact(Tensor.elements(shape), type.bytes());
      if (offsets[1] - offsets[0] != bytes) {
        throw new AcclimateException(
            "expected %d bytes for %s%s, found data_offsets %s"
                .formatted(bytes, type, Arrays.toString(shape), Arrays.toString(offsets)));
      }
      return new Entry(name, type, shape, offsets[0], offsets[1]);
    } catch (AcclimateException | ArithmeticException e) {
      throw new AcclimateException("tensor '%s': %s".formatted(name, e.getMessage()), e);
    }
  }

  /** The numbers of an array; null when it is none or one is negative or no whole number. */
  private static long[] wholeNumbers(JsonNode node) {
    long[] numbers = new long[node.size()];
    boolean sound = node.isArray();
    for (int i = 0; sound && i < numbers.length; i++) {
      JsonNode number = node.get(i);
      sound = number.isIntegralNumber() && number.canConvertToLong() && number.longValue() >= 0;
      numbers[i] = number.longValue();
    }
    return sound ? numbers : null;
  }

  private static void checkLayout(Map<String, Entry> entries, long dataBytes) {
    List<Entry> order = new ArrayList<>(entries.values());
    order.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
    long at = 0;
    for (Entry entry : order) {
      if (entry.begin() != at) {
        throw new AcclimateException(
            "tensor '%s': expected its data at %d, found %d (%s)"
                .formatted(
                    entry.name(),
                    at,
                    entry.begin(),
                    entry.begin() < at ? "overlaps another" : "leaves a hole"));
      }
      at = entry.end();
    }
    if (at != dataBytes) {
      throw new AcclimateException(
          "expected %d bytes of tensor data, found %d%s"
              .formatted(at, dataBytes, dataBytes < at ? " (truncated)" : ""));
    }
  }
}

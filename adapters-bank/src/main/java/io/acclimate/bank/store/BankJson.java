package io.acclimate.bank.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigRenderOptions;
import io.acclimate.bank.AdapterCard;
import io.acclimate.bank.AdapterRef;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.ContentHash;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SortedMap;

/** The JSON files of a bank. Unknown, missing and double fields are errors. Stateless. */
final class BankJson {
  private static final String HASH_KEY = "sha256";
  private static final String CONTENT_KEY = "content";

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
          .build();

  private BankJson() {}

  /** The file of a card; its version of the format is the bank's. */
  private record CardFile(
      String format,
      AdapterRef ref,
      String task,
      String module,
      JsonNode settings,
      String modelSha256,
      List<AdapterRef> parents,
      SortedMap<String, Double> metrics,
      SortedMap<String, String> provenance) {}

  /** A card for people and for {@link #card}. */
  static byte[] bytes(AdapterCard card) {
    try {
      String settings = card.settings().root().render(ConfigRenderOptions.concise());
      CardFile file =
          new CardFile(
              Manifest.FORMAT,
              card.ref(),
              card.task(),
              card.module(),
              JSON.readTree(settings),
              card.modelSha256(),
              card.parents(),
              card.metrics(),
              card.provenance());
      String text = JSON.writerWithDefaultPrettyPrinter().writeValueAsString(file);
      return (text + "\n").getBytes(StandardCharsets.UTF_8);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a card is always JSON", e);
    }
  }

  /** Reads a card. */
  static AdapterCard card(byte[] bytes) {
    CardFile file = read(bytes, new TypeReference<>() {});
    requireFormat(file.format());
    return new AdapterCard(
        file.ref(),
        file.task(),
        file.module(),
        ConfigFactory.parseString(file.settings().toString()),
        file.modelSha256(),
        file.parents(),
        file.metrics(),
        file.provenance());
  }

  /** Entries by the name of their adapter, in one form only. */
  static byte[] bytes(SortedMap<String, BankEntry> entries) {
    return compact(entries);
  }

  /** Reads entries. */
  static SortedMap<String, BankEntry> entries(byte[] bytes) {
    return read(bytes, new TypeReference<>() {});
  }

  /** A value with its own hash. */
  static byte[] withHash(Object value) {
    ObjectNode file = JSON.createObjectNode();
    JsonNode content = JSON.valueToTree(value);
    file.put(HASH_KEY, ContentHash.sha256(compact(content)));
    file.set(CONTENT_KEY, content);
    return compact(file);
  }

  /** Reads a manifest with its own hash. */
  static Manifest manifest(byte[] bytes) {
    Manifest manifest = read(compact(content(bytes)), new TypeReference<>() {});
    requireFormat(manifest.format());
    return manifest;
  }

  /** Reads a head with its own hash. */
  static Head head(byte[] bytes) {
    Head head = read(compact(content(bytes)), new TypeReference<>() {});
    requireFormat(head.format());
    return head;
  }

  private static JsonNode content(byte[] bytes) {
    JsonNode file = read(bytes, new TypeReference<>() {});
    JsonNode content = file.path(CONTENT_KEY);
    String expected = file.path(HASH_KEY).asText();
    String found = ContentHash.sha256(compact(content));
    if (!found.equals(expected)) {
      throw new AcclimateException(
          "expected content with SHA-256 %s, found %s (damaged)".formatted(expected, found));
    }
    return content;
  }

  private static void requireFormat(String format) {
    if (!Manifest.FORMAT.equals(format)) {
      throw new AcclimateException(
          "expected format %s, found '%s'".formatted(Manifest.FORMAT, format));
    }
  }

  private static byte[] compact(Object value) {
    try {
      return JSON.writeValueAsBytes(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("records of plain values are always JSON", e);
    }
  }

  private static <T> T read(byte[] bytes, TypeReference<T> type) {
    try {
      return JSON.readValue(bytes, type);
    } catch (JsonProcessingException e) {
      throw new AcclimateException("expected a bank's JSON, found: " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new IllegalStateException("reading from memory cannot fail", e);
    }
  }
}

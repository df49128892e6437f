package io.acclimate.simulators.corruption;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.TreeMap;

/**
 * The recorded inputs and outputs of the benchmark's own generator, under {@code
 * golden/corruptions}.
 */
final class Golden {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int SIDE_PX = 32;
  private static final int CHANNELS = 3;

  /** One recorded call. */
  record Recorded(Image out, JsonNode draws) {}

  /** How far an image is from the recorded one, in levels of 255. */
  record Difference(int max, double mean) {}

  private Golden() {}

  static Image input() {
    return image(read("input_32x32").get("image_hwc_uint8"));
  }

  /** The recorded calls of a corruption by severity. */
  static Map<Integer, Recorded> recorded(String name) {
    Map<Integer, Recorded> calls = new TreeMap<>();
    for (Map.Entry<String, JsonNode> severity : read(name).get("severities").properties()) {
      JsonNode call = severity.getValue();
      boolean plain = call.isArray();
      Recorded recorded =
          new Recorded(
              image(plain ? call : call.get("out")),
              plain ? JSON.createArrayNode() : call.get("draws"));
      calls.put(Integer.valueOf(severity.getKey()), recorded);
    }
    return calls;
  }

  static Difference difference(Image a, Image b) {
    byte[] left = a.samples();
    byte[] right = b.samples();
    int max = 0;
    double sum = 0;
    for (int i = 0; i < left.length; i++) {
      int distance = Math.abs((left[i] & 0xFF) - (right[i] & 0xFF));
      max = Math.max(max, distance);
      sum += distance;
    }
    return new Difference(max, sum / left.length);
  }

  private static Image image(JsonNode rows) {
    byte[] data = new byte[SIDE_PX * SIDE_PX * CHANNELS];
    for (int i = 0; i < data.length; i++) {
      int pixel = i / CHANNELS;
      data[i] = (byte) rows.get(pixel / SIDE_PX).get(pixel % SIDE_PX).get(i % CHANNELS).intValue();
    }
    return Image.of(SIDE_PX, SIDE_PX, CHANNELS, data);
  }

  private static JsonNode read(String name) {
    String path = "/golden/corruptions/" + name + ".json";
    try (InputStream in = Golden.class.getResourceAsStream(path)) {
      return JSON.readTree(in);
    } catch (IOException e) {
      throw new UncheckedIOException(path, e);
    }
  }
}

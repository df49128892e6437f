package io.acclimate.actors.serve;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import io.acclimate.runtime.AcclimateException;
import java.io.IOException;

/** Reads small bodies of requests within the limits on JSON. Thread-safe. */
final class JsonBodies {
  private final ObjectMapper json;

  JsonBodies(int depth) {
    this.json =
        new ObjectMapper(InferenceRequestReader.factory(depth))
            .setPropertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT);
  }

  /**
   * Reads a body.
   *
   * @param what what the body is, for the message
   * @throws AcclimateException when it is no such JSON
   */
  <T> T read(byte[] body, Class<T> type, String what) {
    try {
      T read = json.readValue(body, type);
      if (read != null) {
        return read;
      }
    } catch (IOException e) {
      throw new AcclimateException(what + ": " + JsonProblems.describe(e), e);
    }
    throw new AcclimateException(what + ": expected a JSON object, found null");
  }
}

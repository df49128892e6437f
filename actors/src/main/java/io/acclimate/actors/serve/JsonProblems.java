package io.acclimate.actors.serve;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;

/** What is wrong with JSON from outside, in words that repeat none of it. */
final class JsonProblems {
  private JsonProblems() {}

  static String describe(IOException problem) {
    if (problem instanceof JsonProcessingException json && json.getLocation() != null) {
      return "expected JSON within the limits, found a mistake at byte "
          + json.getLocation().getByteOffset();
    }
    return "expected JSON within the limits";
  }
}

package io.acclimate.runtime.testing;

import io.acclimate.runtime.graph.Specializer;
import java.io.IOException;
import java.io.InputStream;

/** The pre-trained transformer all-MiniLM-L6-v2, from its Maven artifact. */
public final class MiniLm {
  private static final String ENTRY = "/all-minilm-l6-v2.onnx";

  private MiniLm() {}

  /** The model's bytes. */
  public static byte[] bytes() throws IOException {
    try (InputStream in = MiniLm.class.getResourceAsStream(ENTRY)) {
      return in.readAllBytes();
    }
  }

  /** A specialiser of the model; its open dimensions are batch_size and sequence_length. */
  public static Specializer open() throws IOException {
    return Specializer.of("all-MiniLM-L6-v2", bytes());
  }
}

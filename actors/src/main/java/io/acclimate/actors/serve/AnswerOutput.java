package io.acclimate.actors.serve;

import com.fasterxml.jackson.core.JsonGenerator;
import io.acclimate.actors.Prediction;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The outputs of every served model. */
enum AnswerOutput {
  /** {@code [batch, classes]}, after the stream's method. */
  PROBABILITIES("FP32", Float.BYTES) {
    @Override
    List<Integer> shape(Prediction prediction) {
      return List.of(prediction.size(), prediction.classes());
    }

    @Override
    void writeJson(Prediction prediction, JsonGenerator out) throws IOException {
      for (float probability : prediction.probabilities()) {
        out.writeNumber(probability);
      }
    }

    @Override
    void writeBinary(Prediction prediction, ByteBuffer out) {
      for (float probability : prediction.probabilities()) {
        out.putFloat(probability);
      }
    }
  },

  /** The most probable class of each sample, {@code [batch]}. */
  LABELS("INT64", Long.BYTES) {
    @Override
    int[] labels(Prediction prediction) {
      return prediction.labels();
    }
  },

  /** The same of the frozen model alone, {@code [batch]}. */
  FROZEN_LABELS("INT64", Long.BYTES) {
    @Override
    int[] labels(Prediction prediction) {
      return prediction.frozenLabels();
    }
  };

  private final String datatype;
  private final int elementBytes;

  AnswerOutput(String datatype, int elementBytes) {
    this.datatype = datatype;
    this.elementBytes = elementBytes;
  }

  /** The output with a name of the protocol. */
  static Optional<AnswerOutput> named(String name) {
    return Arrays.stream(values()).filter(output -> output.protocolName().equals(name)).findFirst();
  }

  String protocolName() {
    return name().toLowerCase(Locale.ROOT);
  }

  String datatype() {
    return datatype;
  }

  int bytes(Prediction prediction) {
    return elementBytes * shape(prediction).stream().reduce(1, Math::multiplyExact);
  }

  int[] labels(Prediction prediction) {
    return new int[0];
  }

  List<Integer> shape(Prediction prediction) {
    return List.of(prediction.size());
  }

  /** Writes the values into an array that is open. */
  void writeJson(Prediction prediction, JsonGenerator out) throws IOException {
    for (int label : labels(prediction)) {
      out.writeNumber(label);
    }
  }

  /** Writes the values in the buffer's order of bytes. */
  void writeBinary(Prediction prediction, ByteBuffer out) {
    for (int label : labels(prediction)) {
      out.putLong(label);
    }
  }
}

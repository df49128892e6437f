package io.acclimate.tests.support;

import io.acclimate.simulators.data.Dataset;
import io.acclimate.simulators.data.IdxReader;
import java.util.List;
import java.util.StringJoiner;

/** Images of Fashion-MNIST as requests for inference and feedback. */
public final class Fashion {
  private static final int PIXELS = 28 * 28;

  private final Dataset data =
      IdxReader.read(
          Project.example("data/fashion-mnist/t10k-images-idx3-ubyte.gz"),
          Project.example("data/fashion-mnist/t10k-labels-idx1-ubyte.gz"),
          List.of());

  /**
   * A request for inference.
   *
   * @param upsideDown whether the images are turned around
   */
  public String request(String stream, int from, int count, boolean upsideDown) {
    StringJoiner values = new StringJoiner(",", "[", "]");
    float[] image = new float[PIXELS];
    for (int i = from; i < from + count; i++) {
      data.copySample(i, image, 0);
      for (int k = 0; k < PIXELS; k++) {
        values.add(Float.toString(image[upsideDown ? PIXELS - 1 - k : k]));
      }
    }
    return """
        {"parameters": {"stream": "%s"},
         "inputs": [{"name": "image", "shape": [%d, 1, 28, 28], "datatype": "FP32", "data": %s}]}
        """
        .formatted(stream, count, values);
  }

  /** The labels of these images for an earlier prediction. */
  public String feedback(String prediction, int from, int count) {
    StringJoiner labels = new StringJoiner(",", "[", "]");
    for (int i = from; i < from + count; i++) {
      labels.add(Integer.toString(data.label(i)));
    }
    return "{\"prediction_id\": \"%s\", \"labels\": %s}".formatted(prediction, labels);
  }
}

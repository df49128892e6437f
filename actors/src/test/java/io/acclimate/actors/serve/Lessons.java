package io.acclimate.actors.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.typesafe.config.ConfigFactory;
import io.acclimate.actors.AdapterChoice;
import io.acclimate.runtime.SeedTree;
import java.util.StringJoiner;
import org.apache.commons.rng.UniformRandomProvider;

/** Two kinds of noisy images that a client sends to a learner over HTTP, with labels. */
final class Lessons {
  private static final String MODEL = "/v2/models/fashion-vit";
  private static final String STREAM = "pupil";
  private static final int PIXELS = 28 * 28;
  private static final int TASK_IMAGES = 24;

  private final Served served;
  private final UniformRandomProvider noise = SeedTree.of(1).generator();

  Lessons(Served served) {
    this.served = served;
    served.streams.open(STREAM, "frozen", ConfigFactory.empty());
    served.runtime.find(STREAM).orElseThrow().serveWith(new AdapterChoice.Latest("learned"));
  }

  /** Sends the images of a whole task and their labels. */
  void task() {
    for (int i = 0; i < TASK_IMAGES; i++) {
      String prediction = infer(i % 2).at("/parameters/prediction_id").asText();
      Served.Answer answer =
          served.post(
              MODEL + "/streams/" + STREAM + "/feedback",
              "{\"prediction_id\": \"%s\", \"labels\": [%d]}".formatted(prediction, i % 2));
      assertEquals("accepted", answer.json().path("outcome").asText(), answer.error());
    }
  }

  /** Has one image of a kind answered. */
  JsonNode infer(int kind) {
    UniformRandomProvider pattern = SeedTree.of(9).child(kind).generator();
    StringJoiner data = new StringJoiner(",", "[", "]");
    for (int i = 0; i < PIXELS; i++) {
      data.add(Float.toString((float) (pattern.nextDouble() + 0.1 * noise.nextDouble())));
    }
    Served.Answer answer =
        served.post(
            MODEL + "/infer",
            """
            {"parameters": {"stream": "%s"},
             "inputs": [{"name": "image", "shape": [1, 1, 28, 28], "datatype": "FP32", "data": %s}]}
            """
                .formatted(STREAM, data));
    assertEquals(200, answer.status(), answer.error());
    return answer.json();
  }

  /** Waits until the learner has so many tasks behind it; gives where it stands. */
  JsonNode awaitTask(int number) throws InterruptedException {
    JsonNode status = served.get(MODEL + "/learner").json();
    while (status.get("task").asInt() < number) {
      Thread.sleep(50);
      status = served.get(MODEL + "/learner").json();
    }
    return status;
  }
}

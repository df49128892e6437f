package io.acclimate.continual.lae;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import io.acclimate.continual.Golden;
import org.junit.jupiter.api.Test;

class ExpertEnsembleTest {
  @Test
  void agreesWithThePapersCode() {
    JsonNode golden = Golden.read("lae_ensemble");
    double[] scores = Golden.flat(golden.get("online_logits"));
    double[] offline = Golden.flat(golden.get("offline_logits"));
    int rows = golden.get("online_logits").size();
    int classes = scores.length / rows;
    ExpertEnsemble.combine(scores, offline, rows, classes);
    JsonNode expected = golden.get("expected");
    assertArrayEquals(
        Golden.flat(expected.get("ensemble_scores")),
        scores,
        golden.get("tolerance_abs").doubleValue());
    for (int row = 0; row < rows; row++) {
      int best = 0;
      for (int label = 1; label < classes; label++) {
        best = scores[row * classes + label] > scores[row * classes + best] ? label : best;
      }
      assertEquals(expected.get("pred_ensemble").get(row).intValue(), best);
    }
  }

  @Test
  void hugeLogitsStayFinite() {
    double[] scores = {1e300, -1e300, 0};
    double[] offline = {-1e300, 1e300, 0};
    ExpertEnsemble.combine(scores, offline, 1, 3);
    assertArrayEquals(new double[] {1, 1, 0}, scores);
  }
}

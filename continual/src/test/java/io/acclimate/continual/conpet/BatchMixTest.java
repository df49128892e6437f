package io.acclimate.continual.conpet;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import io.acclimate.continual.Golden;
import org.junit.jupiter.api.Test;

class BatchMixTest {
  @Test
  void agreesWithThePapersCode() {
    for (JsonNode one : Golden.read("conpet_dynamic").get("replay_composition")) {
      // The code gives new samples for each old one, or minus old samples for each new one.
      double given = one.get("batch_new_old_ratio").doubleValue();
      double ratio = given > 0 ? 1 / given : -given;
      BatchMix mix = BatchMix.of(one.get("batch_size").intValue(), ratio);
      assertEquals(one.get("new_per_batch").intValue(), mix.newRows());
      assertEquals(one.get("old_per_batch").intValue(), mix.oldRows());
      assertEquals(mix.oldRows(), mix.oldFor(mix.newRows()));
    }
  }

  @Test
  void thereIsAlwaysANewSampleAndNeverTooMany() {
    for (double ratio : new double[] {0, 0.1, 1, 2.5, 1000}) {
      BatchMix mix = BatchMix.of(5, ratio);
      for (int fresh = 1; fresh <= mix.newRows(); fresh++) {
        int all = fresh + mix.oldFor(fresh);
        assertEquals(true, all >= 1 && all <= 5, ratio + " and " + fresh);
      }
    }
    assertEquals(new BatchMix(5, 0), BatchMix.of(5, 0));
  }
}

package io.acclimate.continual.tuning;

import io.acclimate.continual.LabelledBatch;
import io.acclimate.replay.memory.Curriculum;
import java.util.Arrays;
import org.apache.commons.rng.UniformRandomProvider;

/**
 * Draws which rows of a batch a step is made on, from easy to hard over a task: RDTF's curriculum.
 * A row's difficulty is the share of it that is hidden and its loss under the present model. Rows
 * that do not count are never drawn. Stateless.
 *
 * @param share of the rows that count, rounded up; above 0 to 1, where 1 draws all of them
 * @param curriculum how difficulty and progress make chances
 */
record CurriculumDraw(double share, Curriculum curriculum) {
  /** Whether there is anything to choose. */
  boolean isOn() {
    return share < 1;
  }

  /**
   * Draws rows.
   *
   * @param losses {@code [rows]}, finite
   * @param progress of the task, 0 to 1
   * @return how much each row counts: 0 where it was not drawn
   */
  double[] weights(
      LabelledBatch batch, double[] losses, double progress, UniformRandomProvider random) {
    int rows = losses.length;
    double[] difficulties = new double[rows];
    Arrays.setAll(difficulties, row -> batch.masks().hidden(row, rows) + losses[row]);
    double[] chances = curriculum.chances(difficulties, progress);
    int counting = 0;
    for (int row = 0; row < rows; row++) {
      if (batch.masks().loss(row) > 0) {
        counting++;
      } else {
        chances[row] = 0;
      }
    }
    double[] weights = new double[rows];
    for (int left = (int) Math.ceil(share * counting); left > 0; left--) {
      int drawn = Curriculum.pick(chances, random::nextDouble);
      weights[drawn] = batch.masks().loss(drawn);
      chances[drawn] = 0;
    }
    return weights;
  }
}

package io.acclimate.bank.retrieval;

import io.acclimate.runtime.Rows;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The self-refined retrieval of MOS: starts with the task of the nearest prototype, runs the sample
 * under that task's adapter, moves to the task of the predicted class, and again until the task
 * stays or the iterations are used up. The logits are those of the adapter that was run last.
 *
 * <p>Samples that have not settled are run together: at most {@code maxIterations} calls for a
 * batch, whatever its size.
 *
 * <p>Sun et al., MOS: Model Surgery for Pre-Trained Model-Based Class-Incremental Learning, AAAI
 * 2025, arXiv 2412.09441.
 *
 * @param maxIterations the most forward passes of a sample, from 1; the paper's code has 4
 */
public record SelfRefined(int maxIterations) implements RetrievalStrategy {

  @Override
  public List<Retrieved> retrieve(RetrievalQuery query) {
    int rows = query.rows();
    int[] current = new int[rows];
    double[][] logits = new double[rows][];
    List<List<Integer>> tried = new ArrayList<>();
    List<Integer> unsettled = new ArrayList<>();
    for (int row = 0; row < rows; row++) {
      current[row] = NearestPrototypeProvider.taskOfNearest(query, row);
      tried.add(new ArrayList<>());
      unsettled.add(row);
    }
    for (int pass = 0; pass < maxIterations && !unsettled.isEmpty(); pass++) {
      int[] asked = unsettled.stream().mapToInt(Integer::intValue).toArray();
      int[] tasks = unsettled.stream().mapToInt(row -> current[row]).toArray();
      double[][] answers = query.logits(asked, tasks);
      unsettled.clear();
      for (int i = 0; i < asked.length; i++) {
        int row = asked[i];
        logits[row] = answers[i].clone();
        tried.get(row).add(tasks[i]);
        current[row] = query.taskOf(Rows.greatest(answers[i]));
        if (current[row] != tasks[i]) {
          unsettled.add(row);
        }
      }
    }
    List<Retrieved> found = new ArrayList<>();
    for (int row = 0; row < rows; row++) {
      List<Integer> visited = tried.get(row);
      int last = visited.get(visited.size() - 1);
      found.add(new Retrieved(List.of(last), visited, Optional.of(logits[row])));
    }
    return found;
  }

  @Override
  public int passes() {
    return maxIterations;
  }

  /**
   * The two-stage ensemble: the probabilities under the retrieved adapter plus those of the
   * prototypes.
   *
   * @param logits under the retrieved adapter, {@code [classes]}
   * @param cosines with the prototypes, {@code [classes]}
   * @param tasks the number of tasks seen, which sharpens the cosines
   * @return scores that add up to 2, {@code [classes]}
   */
  public static double[] ensemble(double[] logits, double[] cosines, int tasks) {
    double[] sharpened = cosines.clone();
    for (int c = 0; c < sharpened.length; c++) {
      sharpened[c] *= tasks;
    }
    double[] scores = logits.clone();
    Rows.softmax(scores, 1, scores.length);
    Rows.softmax(sharpened, 1, sharpened.length);
    for (int c = 0; c < scores.length; c++) {
      scores[c] += sharpened[c];
    }
    return scores;
  }
}

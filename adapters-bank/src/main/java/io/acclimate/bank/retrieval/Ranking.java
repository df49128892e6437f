package io.acclimate.bank.retrieval;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** Orders of scores; equal scores keep their order. */
final class Ranking {
  private Ranking() {}

  /** The indices of the greatest scores, the greatest first. */
  static List<Integer> top(double[] scores, int count) {
    return IntStream.range(0, scores.length)
        .boxed()
        .sorted(Comparator.comparingDouble(i -> -scores[i]))
        .limit(count)
        .toList();
  }
}

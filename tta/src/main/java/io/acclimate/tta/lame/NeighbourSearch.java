package io.acclimate.tta.lame;

/**
 * The nearest neighbours of each sample of a batch, by the distance of unit features.
 *
 * <p>Products in float32 rank the pairs. Where their error leaves open who is among the nearest,
 * exact distances decide: those of differences in float64, in which twins have distance 0. So the
 * answer is the one that exact distances of all pairs give, at the price of one matrix product.
 * Memory is kept from batch to batch. Not thread-safe.
 */
final class NeighbourSearch implements AutoCloseable {
  private final PairProducts pairs = new PairProducts();
  private float[] scores = new float[0];
  private float[] nearest = new float[0];
  private double[] distances = new double[0];

  /**
   * Finds the neighbours of every sample.
   *
   * @param features {@code [n, d]}, row by row
   * @param k neighbours of a sample, less than n; itself is none of them
   * @param neighbours receives {@code [n, k]}, in no particular order; of equally distant samples
   *     the one with the lower index is taken
   */
  void find(double[] features, int n, int d, int k, int[] neighbours) {
    if (k == 0) {
      return;
    }
    if (scores.length < n) {
      scores = new float[n];
    }
    if (nearest.length < k) {
      nearest = new float[k];
      distances = new double[k];
    }
    pairs.compute(features, n, d);
    // the score is the squared distance less a constant, so it is wrong by twice a product's error
    float window = (float) (4 * pairs.error());
    for (int i = 0; i < n; i++) {
      score(i, n);
      float limit = kthSmallest(n, k) + window;
      if (countWithin(limit, n) == k) {
        takeWithin(limit, n, neighbours, i * k);
      } else {
        takeExact(features, i, limit, n, k, neighbours);
      }
    }
  }

  /** Scores all samples by their distance from one; that one itself comes last. */
  private void score(int i, int n) {
    float[] row = pairs.row(i);
    float[] squares = pairs.squaredLengths();
    for (int j = 0; j < n; j++) {
      scores[j] = squares[j] - 2 * row[j];
    }
    scores[i] = Float.POSITIVE_INFINITY;
  }

  private float kthSmallest(int n, int k) {
    int count = 0;
    for (int j = 0; j < n; j++) {
      float score = scores[j];
      if (count == k && score >= nearest[k - 1]) {
        continue;
      }
      int at = count < k ? count++ : k - 1;
      while (at > 0 && nearest[at - 1] > score) {
        nearest[at] = nearest[at - 1];
        at--;
      }
      nearest[at] = score;
    }
    return nearest[k - 1];
  }

  private int countWithin(float limit, int n) {
    int count = 0;
    for (int j = 0; j < n; j++) {
      count += scores[j] <= limit ? 1 : 0;
    }
    return count;
  }

  private void takeWithin(float limit, int n, int[] neighbours, int start) {
    int at = start;
    for (int j = 0; j < n; j++) {
      if (scores[j] <= limit) {
        neighbours[at++] = j;
      }
    }
  }

  private void takeExact(double[] features, int i, float limit, int n, int k, int[] neighbours) {
    int start = i * k;
    int count = 0;
    for (int j = 0; j < n; j++) {
      if (!(scores[j] <= limit)) {
        continue;
      }
      double distance = pairs.squaredDistance(features, i, j);
      if (count == k && distance >= distances[k - 1]) {
        continue;
      }
      int at = count < k ? count++ : k - 1;
      while (at > 0 && distances[at - 1] > distance) {
        distances[at] = distances[at - 1];
        neighbours[start + at] = neighbours[start + at - 1];
        at--;
      }
      distances[at] = distance;
      neighbours[start + at] = j;
    }
  }

  @Override
  public void close() {
    pairs.close();
  }
}

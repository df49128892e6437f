package io.acclimate.replay.retrieval;

import com.github.jelmerk.hnswlib.core.DistanceFunctions;
import com.github.jelmerk.hnswlib.core.Item;
import com.github.jelmerk.hnswlib.core.SearchResult;
import com.github.jelmerk.hnswlib.core.hnsw.HnswIndex;
import io.acclimate.replay.memory.Exemplar;
import io.acclimate.replay.memory.MemoryCapacity;
import io.acclimate.runtime.AcclimateException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.Predicate;

/**
 * One version of a retrieval store: samples by the direction of their values (cosine), as the
 * database of semi-parametric diffusion models (Blattmann et al., NeurIPS 2022). Exact search looks
 * at every sample; approximate search walks an HNSW graph (Malkov and Yashunin, TPAMI 2020) and may
 * miss some. Immutable and safe for all threads.
 */
public final class RetrievalIndex {
  /** Neighbours of a node in the graph; the library's advice for vectors of 16 to 1000 numbers. */
  private static final int GRAPH_DEGREE = 16;

  private static final int BUILD_BREADTH = 200;
  private static final int SEARCH_BREADTH = 100;

  /** Similarity falls; of equals the one stored first comes first. */
  private static final Comparator<Candidate> NEAREST_FIRST =
      Comparator.comparingDouble(Candidate::similarity)
          .reversed()
          .thenComparingInt(Candidate::number);

  private record Candidate(int number, double similarity) {}

  /** A sample in the graph. */
  private record Node(Integer id, float[] vector) implements Item<Integer, float[]> {
    private static final long serialVersionUID = 1L;

    @Override
    public int dimensions() {
      return vector.length;
    }
  }

  private final long version;
  private final List<Exemplar> exemplars;
  private final float[][] units;
  private final int dimension;
  private final HnswIndex<Integer, float[], Node, Float> graph;

  private RetrievalIndex(long version, List<Exemplar> exemplars, int dimension) {
    this.version = version;
    this.exemplars = exemplars;
    this.dimension = dimension;
    this.units = new float[exemplars.size()][];
    this.graph =
        HnswIndex.newBuilder(
                dimension, DistanceFunctions.FLOAT_INNER_PRODUCT, Math.max(1, exemplars.size()))
            .withM(GRAPH_DEGREE)
            .withEfConstruction(BUILD_BREADTH)
            .withEf(SEARCH_BREADTH)
            .build();
    for (int i = 0; i < units.length; i++) {
      units[i] = unit(exemplars.get(i).values());
      graph.add(new Node(i, units[i]));
    }
  }

  /**
   * Builds an index.
   *
   * @param version its version
   * @param exemplars copies, each with the same number of values; not all of them zero
   * @param capacity what they may take together
   * @throws AcclimateException when a sample does not fit
   */
  public static RetrievalIndex of(long version, List<Exemplar> exemplars, MemoryCapacity capacity) {
    long bytes = exemplars.stream().mapToLong(Exemplar::bytes).sum();
    if (exemplars.size() > capacity.samples() || bytes > capacity.bytes()) {
      throw new AcclimateException(
          "retrieval store: expected at most %d samples and %d bytes, found %d and %d"
              .formatted(capacity.samples(), capacity.bytes(), exemplars.size(), bytes));
    }
    int dimension = exemplars.isEmpty() ? 1 : exemplars.get(0).values().length;
    for (Exemplar exemplar : exemplars) {
      requireSize(exemplar.values(), dimension);
    }
    return new RetrievalIndex(version, List.copyOf(exemplars), dimension);
  }

  private static void requireSize(float[] values, int dimension) {
    if (values.length != dimension || dimension == 0) {
      throw new AcclimateException(
          "retrieval store: expected %d values, found %d".formatted(dimension, values.length));
    }
  }

  private static float[] unit(float[] values) {
    double squares = 0;
    for (float value : values) {
      squares += (double) value * value;
    }
    if (!(squares > 0 && squares < Double.POSITIVE_INFINITY)) {
      throw new AcclimateException(
          "retrieval store: expected finite values that are not all zero, found a length of "
              + Math.sqrt(squares));
    }
    float[] unit = new float[values.length];
    for (int j = 0; j < unit.length; j++) {
      unit[j] = (float) (values[j] / Math.sqrt(squares));
    }
    return unit;
  }

  /** The version. */
  public long version() {
    return version;
  }

  /** How many samples there are. */
  public int size() {
    return exemplars.size();
  }

  /** The samples in the order in which they were given. */
  public List<Exemplar> exemplars() {
    return exemplars;
  }

  /**
   * The nearest samples, found by looking at all.
   *
   * @param query {@code [d]}
   * @param k how many; all are given when there are fewer
   * @param allowed which samples may be answered: at training the query itself may not
   */
  public List<Neighbour> nearest(float[] query, int k, Predicate<Exemplar> allowed) {
    if (exemplars.isEmpty() || k < 1) {
      return List.of();
    }
    requireSize(query, dimension);
    float[] unit = unit(query);
    PriorityQueue<Candidate> best = new PriorityQueue<>(NEAREST_FIRST.reversed());
    for (int i = 0; i < units.length; i++) {
      if (allowed.test(exemplars.get(i))) {
        best.add(new Candidate(i, similarity(unit, units[i])));
        if (best.size() > k) {
          best.remove();
        }
      }
    }
    return neighbours(new ArrayList<>(best));
  }

  /**
   * Samples near to a query, found through the graph: most of the nearest ones, not surely all.
   *
   * @param query {@code [d]}
   * @param k how many; fewer are given where fewer are found
   * @param allowed which samples may be answered
   */
  public List<Neighbour> approximate(float[] query, int k, Predicate<Exemplar> allowed) {
    if (exemplars.isEmpty() || k < 1) {
      return List.of();
    }
    requireSize(query, dimension);
    float[] unit = unit(query);
    List<Candidate> found = new ArrayList<>();
    int asked = Math.min(k, size());
    while (true) {
      found.clear();
      for (SearchResult<Node, Float> result : graph.findNearest(unit, asked)) {
        int number = result.item().id();
        if (allowed.test(exemplars.get(number))) {
          found.add(new Candidate(number, similarity(unit, units[number])));
        }
      }
      if (found.size() >= k || asked == size()) {
        List<Neighbour> all = neighbours(found);
        return all.subList(0, Math.min(k, all.size()));
      }
      asked = Math.min(size(), 2 * asked);
    }
  }

  private List<Neighbour> neighbours(List<Candidate> candidates) {
    candidates.sort(NEAREST_FIRST);
    return candidates.stream()
        .map(found -> new Neighbour(exemplars.get(found.number()), found.similarity()))
        .toList();
  }

  private static double similarity(float[] a, float[] b) {
    double sum = 0;
    for (int j = 0; j < a.length; j++) {
      sum += (double) a[j] * b[j];
    }
    return sum;
  }
}

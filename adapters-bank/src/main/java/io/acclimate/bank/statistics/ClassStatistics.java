package io.acclimate.bank.statistics;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.state.StateReader;
import io.acclimate.runtime.state.StateWriter;
import io.acclimate.runtime.state.Stateful;
import java.util.Collections;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Statistics of the features of each class. Classes appear when their first sample does. Not
 * thread-safe.
 */
public final class ClassStatistics implements Stateful {
  private final StatisticsSettings settings;
  private final int dimension;
  private final SortedMap<Integer, FeatureStatistics> classes = new TreeMap<>();

  /**
   * Starts without classes.
   *
   * @param dimension the number d of features
   */
  public ClassStatistics(StatisticsSettings settings, int dimension) {
    this.settings = settings;
    this.dimension = dimension;
  }

  /** The classes that were seen, in ascending order. */
  public Set<Integer> labels() {
    return Collections.unmodifiableSet(classes.keySet());
  }

  /**
   * Takes one sample in.
   *
   * @param label its class, from 0
   * @param features {@code [d]}, finite
   * @throws AcclimateException when the label or features are not so; nothing has changed then
   */
  public void add(int label, double[] features) {
    if (label < 0) {
      throw new AcclimateException("expected a class from 0, found " + label);
    }
    FeatureStatistics known = classes.get(label);
    FeatureStatistics statistics = known == null ? settings.create(dimension) : known;
    try {
      statistics.add(features);
    } catch (AcclimateException e) {
      throw new AcclimateException("sample of class " + label + ": " + e.getMessage(), e);
    }
    classes.put(label, statistics);
  }

  /**
   * Takes in all samples of other statistics, which stay as they are.
   *
   * @throws AcclimateException when their size or kind differs; nothing has changed then
   */
  public void addAll(ClassStatistics other) {
    if (other.dimension != dimension || other.settings.covariance() != settings.covariance()) {
      throw new AcclimateException(
          "expected statistics of %d features with covariance %s, found %d and %s"
              .formatted(
                  dimension, settings.covariance(), other.dimension, other.settings.covariance()));
    }
    other.classes.forEach(
        (label, statistics) ->
            classes
                .computeIfAbsent(label, unseen -> settings.create(dimension))
                .addAll(statistics));
  }

  /**
   * The statistics of a class.
   *
   * @throws AcclimateException when it was not seen
   */
  public FeatureStatistics of(int label) {
    FeatureStatistics statistics = classes.get(label);
    if (statistics == null) {
      throw new AcclimateException(
          "expected one of the classes %s, found %d".formatted(classes.keySet(), label));
    }
    return statistics;
  }

  /** A source of features of a class, with the settings' ridge. */
  public GaussianSampler sampler(int label) {
    return of(label).sampler(settings.ridge());
  }

  /** The bytes that all statistics take when they are saved. */
  public long bytes() {
    return classes.values().stream().mapToLong(FeatureStatistics::bytes).sum();
  }

  @Override
  public void save(StateWriter out) {
    out.putInts("labels", classes.keySet().stream().mapToInt(Integer::intValue).toArray());
    classes.forEach((label, statistics) -> out.put(String.valueOf(label), statistics));
  }

  @Override
  public void load(StateReader in) {
    SortedMap<Integer, FeatureStatistics> loaded = new TreeMap<>();
    for (int label : in.getInts("labels")) {
      FeatureStatistics statistics = settings.create(dimension);
      in.get(String.valueOf(label), statistics);
      loaded.put(label, statistics);
    }
    classes.clear();
    classes.putAll(loaded);
  }
}

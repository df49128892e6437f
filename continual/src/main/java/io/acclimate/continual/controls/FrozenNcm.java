package io.acclimate.continual.controls;

import io.acclimate.bank.statistics.ClassStatistics;
import io.acclimate.bank.statistics.Prototypes;
import io.acclimate.bank.statistics.StatisticsSettings;
import io.acclimate.continual.Backbone;
import io.acclimate.continual.LabelledBatch;
import io.acclimate.continual.LearnResult;
import io.acclimate.continual.SequenceLearner;
import io.acclimate.continual.TaskOutline;
import io.acclimate.continual.tuning.FeatureExtractor;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.state.StateReader;
import io.acclimate.runtime.state.StateWriter;
import java.util.Map;

/**
 * Nearest class mean: the frozen model's features, each scaled to unit length, are averaged by
 * class, and a sample belongs to the class whose mean has the greatest cosine with its own
 * features. One pass over the samples, in any order; nothing can be forgotten.
 *
 * <p>Scores are cosines, -1 for classes without a sample. Not thread-safe.
 */
final class FrozenNcm extends SequenceLearner {
  private final FeatureExtractor extractor;
  private final ClassStatistics statistics;
  private Prototypes prototypes;

  FrozenNcm(Backbone backbone) {
    this.extractor = new FeatureExtractor(backbone);
    this.statistics = new ClassStatistics(StatisticsSettings.MEANS, extractor.size());
    this.prototypes = new Prototypes(extractor.size());
  }

  @Override
  public int epochs() {
    return 1;
  }

  @Override
  public void beginTask(TaskOutline outline) {
    progress().begin(outline);
    addPrototypes();
  }

  private void addPrototypes() {
    while (prototypes.size() < classes()) {
      prototypes.set(prototypes.size(), new double[extractor.size()]);
    }
  }

  @Override
  public LearnResult learn(LabelledBatch batch) {
    progress().requireLabels(batch.labels(), false);
    double[][] features = extractor.unitFeatures(batch.shownInputs());
    if (batch.countsNothing()) {
      return LearnResult.NO_ROW_COUNTS;
    }
    for (double[] sample : features) {
      if (!Double.isFinite(sample[0])) {
        return new LearnResult(0, "batch refused: features that are not finite");
      }
    }
    int[] counting = batch.masks().counting(features.length);
    for (int row : counting) {
      statistics.add(batch.labels()[row], features[row]);
    }
    for (int row : counting) {
      int label = batch.labels()[row];
      prototypes.set(label, statistics.of(label).mean());
    }
    return LearnResult.COUNTED;
  }

  @Override
  public void endTask() {
    progress().end();
  }

  @Override
  public void predict(Map<String, Tensor> inputs, double[] scores) {
    progress().requireClasses();
    double[][] features = extractor.unitFeatures(inputs);
    double[] cosines = new double[classes()];
    for (int row = 0; row < features.length; row++) {
      prototypes.cosines(features[row], cosines);
      for (int label = 0; label < cosines.length; label++) {
        boolean seen = statistics.labels().contains(label);
        scores[row * cosines.length + label] = seen ? cosines[label] : -1;
      }
    }
  }

  @Override
  public int forwardsPerPrediction() {
    return 1;
  }

  @Override
  public long bytes() {
    return statistics.bytes();
  }

  @Override
  public void save(StateWriter out) {
    out.put("progress", progress());
    out.put("statistics", statistics);
  }

  @Override
  public void load(StateReader in) {
    in.get("progress", progress());
    in.get("statistics", statistics);
    prototypes = new Prototypes(extractor.size());
    addPrototypes();
    statistics.labels().forEach(label -> prototypes.set(label, statistics.of(label).mean()));
  }

  @Override
  public void close() {
    extractor.close();
  }
}

package io.acclimate.continual.mos;

import io.acclimate.bank.retrieval.Retrieved;
import io.acclimate.bank.retrieval.SelfRefined;
import io.acclimate.bank.statistics.ClassStatistics;
import io.acclimate.bank.statistics.Prototypes;
import io.acclimate.bank.statistics.StatisticsSettings;
import io.acclimate.continual.Backbone;
import io.acclimate.continual.ClassBlocks;
import io.acclimate.continual.ContinualLearner;
import io.acclimate.continual.LabelledBatch;
import io.acclimate.continual.LearnResult;
import io.acclimate.continual.LearnerContext;
import io.acclimate.continual.TaskOutline;
import io.acclimate.continual.tuning.BatchFeeds;
import io.acclimate.continual.tuning.FeatureLoss;
import io.acclimate.continual.tuning.TaskModel;
import io.acclimate.continual.tuning.TaskTuning;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.state.StateReader;
import io.acclimate.runtime.state.StateWriter;
import io.acclimate.runtime.train.ParameterSet;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * MOS: one adapter goes on from task to task and is drawn towards the mean of its earlier forms
 * after every step; each task's form is kept. In a last pass over a task's samples nothing is
 * trained: means and covariances of the features of new classes are taken. From these features are
 * drawn for all classes, and the head is aligned on them.
 *
 * <p>A sample starts with the prototype of a class that is nearest under the first adapter, moves
 * to the task it is predicted to belong to until it stays, and both stages answer together. Nothing
 * changes when samples are predicted. Adapters are tuned with Adam, as all learners here, where the
 * paper has SGD. Sun et al., AAAI 2025, arXiv 2412.09441. Not thread-safe.
 */
public final class Mos implements ContinualLearner {
  private final MosSettings settings;
  private final SeedTree seeds;
  private final int size;
  private final TaskTuning tuning;
  private final ClassBlocks blocks = new ClassBlocks();
  private final TaskAdapters adapters;
  private final ClassStatistics statistics;
  private final ClassStatistics first;
  private final BatchFeeds gather;
  private Prototypes prototypes;
  private boolean brings;

  /** The batches of the open task that were handed over, those that were refused among them. */
  private long handed;

  /** Creates a learner without classes. */
  public Mos(LearnerContext context, MosSettings settings) {
    this.settings = settings;
    this.seeds = context.seeds().child("alignment");
    this.size = (int) context.backbone().featureGraph().type(Backbone.POOLED).shape().size(1);
    this.statistics = new ClassStatistics(settings.statistics(), size);
    this.first = new ClassStatistics(StatisticsSettings.MEANS, size);
    this.prototypes = new Prototypes(size);
    this.adapters = new TaskAdapters(settings.mergeWeight());
    this.gather = new BatchFeeds(context.backbone());
    FeatureLoss orthogonality = new OrthogonalityLoss(settings.orthogonality(), this::mean);
    this.tuning = new TaskTuning(context, settings.tuning(), orthogonality);
  }

  private double[] mean(int label) {
    return statistics.labels().contains(label) ? statistics.of(label).mean() : null;
  }

  /** The passes that train, and one that takes statistics. */
  @Override
  public int epochs() {
    return settings.tuning().epochs() + 1;
  }

  @Override
  public void beginTask(TaskOutline outline) {
    tuning.begin(outline, false);
    brings = blocks.extendTo(classes());
    addPrototypes();
    handed = 0;
  }

  private void addPrototypes() {
    while (prototypes.size() < classes()) {
      prototypes.set(prototypes.size(), new double[size]);
    }
  }

  @Override
  public LearnResult learn(LabelledBatch samples) {
    tuning.requireFit(samples, false);
    long batches = tuning.progress().batches();
    LearnResult result;
    if (samples.countsNothing()) {
      result = LearnResult.NO_ROW_COUNTS;
    } else if (batches > 0 && handed >= batches * settings.tuning().epochs()) {
      result = observe(samples);
    } else {
      result = tuning.learn(samples, false);
      if (result.applied()) {
        adapters.merge(tuning.parameters());
      }
    }
    handed++;
    return result;
  }

  /** Takes statistics of the task's new classes, under its adapter and under the first one. */
  private LearnResult observe(LabelledBatch samples) {
    int open = adapters.count();
    int[] rows =
        Arrays.stream(samples.masks().counting(samples.labels().length))
            .filter(row -> brings && blocks.of(samples.labels()[row]) == open)
            .toArray();
    if (rows.length == 0) {
      return LearnResult.COUNTED;
    }
    Map<String, Tensor> shown = samples.shownInputs();
    double[] live = features(open, shown, rows);
    double[] original = open == 0 ? live : features(0, shown, rows);
    if (!DoubleStream.concat(Arrays.stream(live), Arrays.stream(original))
        .allMatch(Double::isFinite)) {
      return new LearnResult(0, "batch refused: features that are not finite");
    }
    for (int i = 0; i < rows.length; i++) {
      int label = samples.labels()[rows[i]];
      statistics.add(label, Arrays.copyOfRange(live, i * size, (i + 1) * size));
      first.add(label, Arrays.copyOfRange(original, i * size, (i + 1) * size));
      prototypes.set(label, first.of(label).mean());
    }
    return LearnResult.COUNTED;
  }

  /** Features under the adapter of a task, {@code [rows, size]}. */
  private double[] features(int task, Map<String, Tensor> inputs, int[] rows) {
    double[] features = new double[rows.length * size];
    double[] part = new double[gather.capacity() * size];
    ParameterSet values = adapters.of(task, tuning.parameters());
    for (int start = 0; start < rows.length; start += gather.capacity()) {
      int count = Math.min(gather.capacity(), rows.length - start);
      tuning.features(values, gather.gather(inputs, rows, start, count), part);
      System.arraycopy(part, 0, features, start * size, count * size);
    }
    return features;
  }

  @Override
  public void endTask() {
    if (tuning.progress().isOpen() && brings) {
      adapters.end(tuning.parameters());
      if (blocks.count() > 1) {
        align();
      }
    }
    tuning.end();
  }

  private void align() {
    ParameterSet parameters = tuning.parameters();
    ClassifierAlignment alignment =
        new ClassifierAlignment(settings.alignment(), headWeights(), headBiases());
    alignment.run(statistics, seeds.child(blocks.count()));
    double[] weights = alignment.weights();
    double[] biases = alignment.biases();
    parameters.write(parameters.start(TaskModel.headWeight(parameters)), weights, weights.length);
    parameters.write(parameters.start(TaskModel.headBias(parameters)), biases, biases.length);
  }

  private double[] headWeights() {
    return read(TaskModel.headWeight(tuning.parameters()));
  }

  private double[] headBiases() {
    return read(TaskModel.headBias(tuning.parameters()));
  }

  private double[] read(String name) {
    ParameterSet parameters = tuning.parameters();
    double[] values = new double[parameters.size(name)];
    parameters.read(parameters.start(name), values, values.length);
    return values;
  }

  @Override
  public int classes() {
    return tuning.progress().classes();
  }

  @Override
  public int tasks() {
    return tuning.progress().tasks();
  }

  @Override
  public void predict(Map<String, Tensor> inputs, double[] scores) {
    int[] all = IntStream.range(0, tuning.requireFit(inputs)).toArray();
    double[] original = features(0, inputs, all);
    double[][] cosines = cosines(original, all.length);
    double[][] logits = new double[0][];
    if (settings.stages() != MosSettings.Stages.PROTOTYPES) {
      logits =
          logits(
              new MosQuery(
                  blocks,
                  cosines,
                  headWeights(),
                  headBiases(),
                  (task, rows) -> task == 0 ? rows(original, rows) : features(task, inputs, rows)));
    }
    for (int row = 0; row < all.length; row++) {
      double[] answer =
          switch (settings.stages()) {
            case PROTOTYPES -> cosines[row];
            case ADAPTERS -> logits[row];
            case BOTH -> SelfRefined.ensemble(logits[row], cosines[row], blocks.count());
          };
      System.arraycopy(answer, 0, scores, row * classes(), classes());
    }
  }

  /** The logits of each sample under the adapter that is found for it, the first of several. */
  private double[][] logits(MosQuery query) {
    List<Retrieved> found = settings.retrieval().retrieve(query);
    int[] open =
        IntStream.range(0, found.size()).filter(row -> found.get(row).logits().isEmpty()).toArray();
    int[] tasks = Arrays.stream(open).map(row -> found.get(row).task()).toArray();
    double[][] run = query.logits(open, tasks);
    double[][] logits = new double[found.size()][];
    Arrays.setAll(logits, row -> found.get(row).logits().orElse(null));
    for (int i = 0; i < open.length; i++) {
      logits[open[i]] = run[i];
    }
    return logits;
  }

  @Override
  public void predict(Map<String, Tensor> inputs, int task, double[] scores) {
    blocks.require(task);
    int[] all = IntStream.range(0, tuning.requireFit(inputs)).toArray();
    double[] features = features(task, inputs, all);
    double[] weights = headWeights();
    double[] biases = headBiases();
    double[] logits = new double[classes()];
    for (int row = 0; row < all.length; row++) {
      HeadLogits.compute(weights, biases, features, row * size, logits);
      System.arraycopy(logits, 0, scores, row * classes(), classes());
    }
  }

  private double[] rows(double[] features, int[] rows) {
    double[] picked = new double[rows.length * size];
    for (int i = 0; i < rows.length; i++) {
      System.arraycopy(features, rows[i] * size, picked, i * size, size);
    }
    return picked;
  }

  /** Cosines with the prototypes; -1 for classes of which no sample was seen. */
  private double[][] cosines(double[] features, int rows) {
    double[][] cosines = new double[rows][classes()];
    for (int row = 0; row < rows; row++) {
      prototypes.cosines(Arrays.copyOfRange(features, row * size, (row + 1) * size), cosines[row]);
      for (int label = 0; label < classes(); label++) {
        cosines[row][label] = first.labels().contains(label) ? cosines[row][label] : -1;
      }
    }
    return cosines;
  }

  /** At most: what the first adapter's features decide costs no further pass. */
  @Override
  public int forwardsPerPrediction() {
    boolean retrieves = settings.stages() != MosSettings.Stages.PROTOTYPES && blocks.count() > 1;
    return retrieves ? 1 + settings.retrieval().passes() : 1;
  }

  @Override
  public long bytes() {
    return tuning.bytes() + adapters.bytes() + statistics.bytes() + first.bytes();
  }

  @Override
  public long parameterCount() {
    return tuning.parameterCount() + adapters.parameterCount();
  }

  @Override
  public void save(StateWriter out) {
    out.put("tuning", tuning);
    out.put("blocks", blocks);
    out.put("adapters", adapters);
    out.put("statistics", statistics);
    out.put("first", first);
    out.putInt("brings", brings ? 1 : 0);
    out.putLong("handed", handed);
  }

  @Override
  public void load(StateReader in) {
    in.get("tuning", tuning);
    in.get("blocks", blocks);
    in.get("adapters", adapters);
    in.get("statistics", statistics);
    in.get("first", first);
    brings = in.getInt("brings") == 1;
    handed = in.getLong("handed");
    prototypes = new Prototypes(size);
    addPrototypes();
    first.labels().forEach(label -> prototypes.set(label, first.of(label).mean()));
  }

  @Override
  public void close() {
    tuning.close();
  }
}

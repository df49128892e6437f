package io.acclimate.continual.tuning;

import io.acclimate.bank.TensorMaps;
import io.acclimate.bank.pet.PatchedGraph;
import io.acclimate.continual.LabelledBatch;
import io.acclimate.continual.LearnResult;
import io.acclimate.continual.LearnerContext;
import io.acclimate.continual.TaskOutline;
import io.acclimate.continual.TaskProgress;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.state.StateReader;
import io.acclimate.runtime.state.StateWriter;
import io.acclimate.runtime.state.Stateful;
import io.acclimate.runtime.train.Adam;
import io.acclimate.runtime.train.ParameterGroups;
import io.acclimate.runtime.train.ParameterSet;
import io.acclimate.runtime.train.Trainer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.commons.rng.UniformRandomProvider;

/**
 * One set of modules and one head that are tuned task after task: Adam, made anew for each task,
 * with a constant rate. What learners add to it is which classes compete, what is frozen when, and
 * what becomes of the values.
 *
 * <p>Not thread-safe. Close it to free the sessions.
 */
public final class TaskTuning implements Stateful, AutoCloseable {
  private static final Trainer.Penalty NO_PENALTY = (parameters, gradients, loss) -> 0;

  private final LearnerContext context;
  private final TuningSettings settings;
  private final Map<String, Tensor> pretrained;
  private final TaskProgress progress = new TaskProgress();
  private final FeatureLoss more;
  private TaskModel model;
  private ParameterSet parameters;
  private ParameterGroups groups;
  private Trainer trainer;
  private Imprinting imprinting;
  private Set<String> resting = Set.of();

  /**
   * Starts without classes.
   *
   * @throws AcclimateException when the adapter to start from is not there or does not fit
   */
  public TaskTuning(LearnerContext context, TuningSettings settings) {
    this(context, settings, FeatureLoss.NONE);
  }

  /** Starts without classes, with a further term of the loss. */
  public TaskTuning(LearnerContext context, TuningSettings settings, FeatureLoss more) {
    this.context = context;
    this.settings = settings;
    this.more = more;
    this.pretrained =
        settings.init().isEmpty()
            ? Map.of()
            : PretrainedStart.modules(
                context.adapters().open(settings.init()), context.backbone(), settings);
  }

  /** Where the sequence of tasks stands. */
  public TaskProgress progress() {
    return progress;
  }

  /** The settings. */
  public TuningSettings settings() {
    return settings;
  }

  /** The values, as they are now; null before the first task. */
  public ParameterSet parameters() {
    return parameters;
  }

  /** The steps made in the open task; 0 when there is none. */
  public long stepsInTask() {
    return trainer == null ? 0 : trainer.steps();
  }

  /** The steps that the open task will take as announced, at least 1. */
  public long stepsOfTask() {
    return Math.max(1, progress.batches() * settings.epochs());
  }

  /**
   * Begins a task: rows for new classes, an optimiser without moments.
   *
   * @param afresh whether all values start anew, else they go on from the task before
   */
  public void begin(TaskOutline outline, boolean afresh) {
    int known = afresh ? 0 : progress.classes();
    progress.begin(outline);
    ParameterSet before = parameters;
    build();
    parameters = before == null || afresh ? newParameters() : model.grow(before, context.seeds());
    trainer = newTrainer();
    imprinting = new Imprinting(known, model.featureSize());
  }

  /** Whether the next batch gives new classes their first weights and no step is made. */
  public boolean isImprinting() {
    return settings.imprint() && imprinting != null && imprinting.batches() < progress.batches();
  }

  private ParameterSet newParameters() {
    ParameterSet values = model.initialParameters(context.seeds());
    pretrained.forEach(values::put);
    return values;
  }

  /** The modules at each of their sites; a task must have been begun. */
  public List<PatchedGraph.Unit> units() {
    progress.requireClasses();
    return model.units();
  }

  /**
   * Lets parameters keep their values in the open task, moments and all.
   *
   * @param names the only ones that rest
   */
  public void rest(Set<String> names) {
    resting = Set.copyOf(names);
  }

  /** A model for the classes of now, unless there is one. */
  private void build() {
    if (model == null || model.classes() != progress.classes()) {
      close();
      model = new TaskModel(context.backbone(), settings, progress.classes(), more);
    }
  }

  private Trainer newTrainer() {
    Set<String> names = parameters.types().keySet();
    groups =
        ParameterGroups.of(names, ParameterGroups.Group.DEFAULT)
            .put(TaskModel::isHead, new ParameterGroups.Group(settings.headRateFactor(), 0, true));
    Trainer.Plan constant = Trainer.Plan.constant(settings.rate());
    Trainer.Plan plan =
        new Trainer.Plan(
            constant.rate(), constant.schedule(), 1, settings.clipNorm(), constant.accumulation());
    return new Trainer(model.trainable(), parameters, Adam.adam(groups), plan);
  }

  /**
   * Checks a batch before it is learned: labels of classes seen, inputs that fit the model.
   *
   * @param all whether every class seen is allowed, else those of the open task
   * @throws AcclimateException when no task is open or the batch does not fit
   */
  public void requireFit(LabelledBatch batch, boolean all) {
    progress.requireLabels(batch.labels(), all);
    model.requireFit(batch);
  }

  /**
   * Checks samples before they are predicted.
   *
   * @return the number of rows
   * @throws AcclimateException when there are no classes or the inputs do not fit the model
   */
  public int requireFit(Map<String, Tensor> inputs) {
    progress.requireClasses();
    return model.requireFit(inputs);
  }

  /**
   * Makes one step with cross-entropy over the classes of the open task.
   *
   * @param modulesFrozen whether only the head learns
   */
  public LearnResult learn(LabelledBatch batch, boolean modulesFrozen) {
    requireFit(batch, false);
    return step(batch, progress.openClasses(), modulesFrozen, NO_PENALTY);
  }

  /** Makes one step over the classes of the open task with a further term of the loss. */
  public LearnResult learn(LabelledBatch batch, Trainer.Penalty penalty) {
    requireFit(batch, false);
    return step(batch, progress.openClasses(), false, penalty);
  }

  /** Makes one step with cross-entropy over all classes seen. */
  public LearnResult learnAmongAll(LabelledBatch batch) {
    return learnAmongAll(batch, NO_PENALTY);
  }

  /** Makes one step over all classes seen with a further term of the loss. */
  public LearnResult learnAmongAll(LabelledBatch batch, Trainer.Penalty penalty) {
    requireFit(batch, true);
    Set<Integer> all =
        IntStream.range(0, progress.classes()).boxed().collect(Collectors.toUnmodifiableSet());
    return step(batch, all, false, penalty);
  }

  /**
   * Makes one step of the modules in which classes are told apart by their prototypes instead of
   * the head, which stays as it is: logits are dot products with the features.
   *
   * @param prototypes {@code [size]} for each class that competes, those of the batch among them
   */
  public LearnResult learnByPrototypes(
      LabelledBatch batch, SortedMap<Integer, double[]> prototypes) {
    requireFit(batch, true);
    if (batch.countsNothing()) {
      return LearnResult.NO_ROW_COUNTS;
    }
    Map<String, Tensor> feeds = model.load(batch, prototypes.keySet());
    model.weigh(maskWeights(batch));
    int head = parameters.start(TaskModel.headWeight(parameters));
    int bias = parameters.start(TaskModel.headBias(parameters));
    double[] ownWeights = new double[model.featureSize() * model.classes()];
    double[] ownBiases = new double[model.classes()];
    parameters.read(head, ownWeights, ownWeights.length);
    parameters.read(bias, ownBiases, ownBiases.length);
    prototypes.forEach(
        (label, values) -> parameters.write(head + label * values.length, values, values.length));
    parameters.write(bias, new double[ownBiases.length], ownBiases.length);
    groups.trainable(TaskModel::isHead, false);
    Trainer.StepReport report = trainer.step(feeds);
    parameters.write(head, ownWeights, ownWeights.length);
    parameters.write(bias, ownBiases, ownBiases.length);
    return result(report);
  }

  private LearnResult step(
      LabelledBatch batch, Set<Integer> competing, boolean modulesFrozen, Trainer.Penalty penalty) {
    if (batch.countsNothing()) {
      return LearnResult.NO_ROW_COUNTS;
    }
    if (isImprinting()) {
      return imprint(batch);
    }
    Map<String, Tensor> feeds = model.load(batch, competing);
    groups.trainable(TaskModel::isHead, true);
    groups.trainable(name -> !TaskModel.isHead(name), !modulesFrozen);
    groups.trainable(resting::contains, false);
    model.weigh(weights(batch, competing));
    return result(trainer.step(feeds, penalty));
  }

  private static LearnResult result(Trainer.StepReport report) {
    return new LearnResult(report.loss(), report.refusal());
  }

  private LearnResult imprint(LabelledBatch batch) {
    model.load(batch, progress.openClasses());
    double[][] features = model.loadedFeatures(parameters, batch.labels().length);
    for (double[] row : features) {
      UnitRows.scale(row);
      if (!Double.isFinite(row[0])) {
        return new LearnResult(0, "batch refused: features that are not finite");
      }
    }
    Tensor weight = parameters.tensor(TaskModel.headWeight(parameters));
    int[] labels = batch.labels().clone();
    Arrays.setAll(labels, row -> batch.masks().loss(row) == 0 ? -1 : batch.labels()[row]);
    imprinting.add(features, labels, weight);
    return LearnResult.COUNTED;
  }

  /** How much each row counts: as the batch says, and 0 where the curriculum passes it over. */
  private double[] weights(LabelledBatch batch, Set<Integer> competing) {
    int[] labels = batch.labels();
    if (settings.curriculum().isOn()) {
      double[] losses = model.losses(parameters, labels, competing);
      if (Arrays.stream(losses).allMatch(Double::isFinite)) {
        double share = stepsInTask() / (double) Math.max(1, stepsOfTask() - 1);
        SeedTree seeds = context.seeds().child("curriculum").child(progress.tasks());
        UniformRandomProvider random = seeds.child(stepsInTask()).generator();
        return settings.curriculum().weights(batch, losses, Math.min(1, share), random);
      }
    }
    return maskWeights(batch);
  }

  private static double[] maskWeights(LabelledBatch batch) {
    double[] weights = new double[batch.labels().length];
    Arrays.setAll(weights, batch.masks()::loss);
    return weights;
  }

  /** Ends the open task; the optimiser's moments are dropped. */
  public void end() {
    progress.end();
    trainer = null;
    imprinting = null;
    resting = Set.of();
  }

  /**
   * Computes logits of any number of samples with some values.
   *
   * @param values a set like {@link #parameters()}
   * @param logits receives {@code [rows, classes]}; may be longer
   */
  public void logits(ParameterSet values, Map<String, Tensor> inputs, double[] logits) {
    progress.requireClasses();
    model.logits(values, inputs, logits);
  }

  /** The number of features that the head reads; there must be classes. */
  public int featureSize() {
    progress.requireClasses();
    return model.featureSize();
  }

  /**
   * Computes the features that the head reads, of any number of samples with some values.
   *
   * @param values a set like {@link #parameters()}
   * @param features receives {@code [rows, featureSize]}; may be longer
   */
  public void features(ParameterSet values, Map<String, Tensor> inputs, double[] features) {
    progress.requireClasses();
    model.features(values, inputs, features);
  }

  /** Copies of the values of modules and head by name; empty before the first task. */
  public Optional<Map<String, Tensor>> adapter() {
    return Optional.ofNullable(parameters).map(ParameterSet::tensors).map(TensorMaps::copy);
  }

  /** How many values modules and head have. */
  public long parameterCount() {
    return parameters == null ? 0 : parameters.size();
  }

  /** The bytes of modules and head. */
  public long bytes() {
    return parameterCount() * context.backbone().type().bytes();
  }

  @Override
  public void save(StateWriter out) {
    out.put("progress", progress);
    if (trainer != null) {
      out.put("trainer", trainer);
      out.put("imprinting", imprinting);
    } else if (parameters != null) {
      out.put("parameters", parameters);
    }
  }

  @Override
  public void load(StateReader in) {
    in.get("progress", progress);
    trainer = null;
    imprinting = null;
    if (progress.classes() == 0) {
      close();
      model = null;
      parameters = null;
      return;
    }
    build();
    parameters = model.newParameters();
    if (progress.isOpen()) {
      trainer = newTrainer();
      in.get("trainer", trainer);
      imprinting = new Imprinting(0, model.featureSize());
      in.get("imprinting", imprinting);
    } else {
      in.get("parameters", parameters);
    }
  }

  @Override
  public void close() {
    if (model != null) {
      model.close();
    }
  }
}

package io.acclimate.continual.tuning;

import io.acclimate.bank.pet.PatchedGraph;
import io.acclimate.continual.LabelledBatch;
import io.acclimate.continual.LearnResult;
import io.acclimate.continual.LearnerContext;
import io.acclimate.continual.TaskOutline;
import io.acclimate.continual.TaskProgress;
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
import java.util.Set;
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
  private final LearnerContext context;
  private final TuningSettings settings;
  private final Map<String, Tensor> pretrained;
  private final TaskProgress progress = new TaskProgress();
  private TaskModel model;
  private ParameterSet parameters;
  private ParameterGroups groups;
  private Trainer trainer;
  private Set<String> resting = Set.of();

  /**
   * Starts without classes.
   *
   * @throws io.acclimate.runtime.AcclimateException when the adapter to start from is not there or
   *     does not fit
   */
  public TaskTuning(LearnerContext context, TuningSettings settings) {
    this.context = context;
    this.settings = settings;
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
    progress.begin(outline);
    ParameterSet before = parameters;
    build();
    parameters = before == null || afresh ? newParameters() : model.grow(before, context.seeds());
    trainer = newTrainer();
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
      model = new TaskModel(context.backbone(), settings, progress.classes());
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
   * Makes one step with cross-entropy over the classes of the open task.
   *
   * @param modulesFrozen whether only the head learns
   */
  public LearnResult learn(LabelledBatch batch, boolean modulesFrozen) {
    progress.requireLabels(batch.labels(), false);
    return step(batch, progress.openClasses(), modulesFrozen);
  }

  /** Makes one step with cross-entropy over all classes seen. */
  public LearnResult learnAmongAll(LabelledBatch batch) {
    progress.requireLabels(batch.labels(), true);
    Set<Integer> all =
        IntStream.range(0, progress.classes()).boxed().collect(Collectors.toUnmodifiableSet());
    return step(batch, all, false);
  }

  private LearnResult step(LabelledBatch batch, Set<Integer> competing, boolean modulesFrozen) {
    Map<String, Tensor> feeds = model.load(batch, competing);
    groups.trainable(name -> !TaskModel.isHead(name), !modulesFrozen);
    groups.trainable(resting::contains, false);
    double[] weights = weights(batch, competing);
    if (Arrays.stream(weights).sum() == 0) {
      return new LearnResult(0, "batch refused: no row counts");
    }
    model.weigh(weights);
    Trainer.StepReport report = trainer.step(feeds);
    return new LearnResult(report.loss(), report.refusal());
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
    double[] weights = new double[labels.length];
    Arrays.setAll(weights, batch.masks()::loss);
    return weights;
  }

  /** Ends the open task; the optimiser's moments are dropped. */
  public void end() {
    progress.end();
    trainer = null;
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

  /** The bytes of modules and head. */
  public long bytes() {
    return parameters == null ? 0 : (long) parameters.size() * context.backbone().type().bytes();
  }

  @Override
  public void save(StateWriter out) {
    out.put("progress", progress);
    if (trainer != null) {
      out.put("trainer", trainer);
    } else if (parameters != null) {
      out.put("parameters", parameters);
    }
  }

  @Override
  public void load(StateReader in) {
    in.get("progress", progress);
    trainer = null;
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

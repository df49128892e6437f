package io.acclimate.continual.lae;

import io.acclimate.bank.TensorMaps;
import io.acclimate.bank.merge.MomentumAccumulation;
import io.acclimate.continual.LabelledBatch;
import io.acclimate.continual.LearnResult;
import io.acclimate.continual.LearnerContext;
import io.acclimate.continual.TaskOutline;
import io.acclimate.continual.tuning.TaskModel;
import io.acclimate.continual.tuning.TaskTuning;
import io.acclimate.continual.tuning.TunedLearner;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.Rows;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.state.StateReader;
import io.acclimate.runtime.state.StateWriter;
import io.acclimate.runtime.train.ParameterSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * LAE: an online expert learns each task; from the second task on an offline expert follows it
 * slowly, by momentum after every step, and both answer together through one head.
 *
 * <p>Learning is calibrated by the modules: a trainable scale at every site, and compensation in
 * prefixes. The loss runs over the task's own classes. In the first steps of every task but the
 * first only the head learns, while accumulation goes on. Memory does not grow with the tasks but
 * for the rows of the head.
 *
 * <p>Scores are the greater of both experts' softmax probabilities. Where the head was trained on
 * each task by itself, logits of different tasks are not calibrated against each other; that is
 * part of the method. Gao et al., ICCV 2023, arXiv 2303.10070. Not thread-safe.
 */
public final class Lae extends TunedLearner {
  private final LaeSettings settings;

  /**
   * The offline expert's modules in float64, since small steps would round away; empty at first.
   */
  private final Map<String, Tensor> offline = new LinkedHashMap<>();

  /** The offline expert as values of the model: its modules and the common head. */
  private ParameterSet offlineExpert;

  private double[] offlineLogits = new double[0];

  /** Creates a learner without classes. */
  public Lae(LearnerContext context, LaeSettings settings) {
    super(new TaskTuning(context, settings.tuning()));
    this.settings = settings;
  }

  @Override
  public void beginTask(TaskOutline outline) {
    super.beginTask(outline);
    offlineExpert = null;
    if (offline.isEmpty() && tasks() > 0) {
      TaskModel.modules(tuning().parameters())
          .forEach((name, online) -> offline.put(name, doubles(online)));
    }
  }

  private static Tensor doubles(Tensor values) {
    Tensor copy = Tensor.allocate(DType.FLOAT64, values.shape());
    TensorMaps.scaleAndAdd(1, Map.of("", values), 0, Map.of("", copy));
    return copy;
  }

  @Override
  public LearnResult learn(LabelledBatch batch) {
    boolean step = !tuning().isImprinting();
    LearnResult result = tuning().learn(batch, isFrozen());
    if (step && result.applied() && !offline.isEmpty()) {
      MomentumAccumulation.overTask(settings.keepPerTask(), tuning().stepsOfTask())
          .accumulate(offline, TaskModel.modules(tuning().parameters()));
    }
    offlineExpert = null;
    return result;
  }

  private boolean isFrozen() {
    return tasks() > 0
        && tuning().stepsInTask() < Math.round(settings.frozenShare() * tuning().stepsOfTask());
  }

  @Override
  public void predict(Map<String, Tensor> inputs, double[] scores) {
    super.predict(inputs, scores);
    int rows = LabelledBatch.rows(inputs);
    if (offline.isEmpty()) {
      Rows.softmax(scores, rows, classes());
      return;
    }
    if (offlineLogits.length < rows * classes()) {
      offlineLogits = new double[rows * classes()];
    }
    tuning().logits(offlineExpert(), inputs, offlineLogits);
    ExpertEnsemble.combine(scores, offlineLogits, rows, classes());
  }

  private ParameterSet offlineExpert() {
    if (offlineExpert == null) {
      offlineExpert = tuning().parameters().copy();
      TensorMaps.scaleAndAdd(1, offline, 0, TaskModel.modules(offlineExpert));
    }
    return offlineExpert;
  }

  @Override
  public int forwardsPerPrediction() {
    return offline.isEmpty() ? 1 : 2;
  }

  @Override
  public long bytes() {
    return super.bytes() + TensorMaps.bytes(offline);
  }

  @Override
  public long parameterCount() {
    return super.parameterCount() + offline.values().stream().mapToLong(Tensor::elements).sum();
  }

  /** Empty while two experts answer. */
  @Override
  public Optional<Map<String, Tensor>> adapter() {
    return Optional.empty();
  }

  @Override
  public void save(StateWriter out) {
    out.put("online", tuning());
    StateWriter expert = out.child("offline");
    offline.forEach(expert::putTensor);
  }

  @Override
  public void load(StateReader in) {
    in.get("online", tuning());
    StateReader expert = in.child("offline");
    Map<String, Tensor> loaded = new LinkedHashMap<>();
    if (!expert.keys().isEmpty()) {
      TaskModel.modules(tuning().parameters())
          .forEach(
              (name, online) ->
                  loaded.put(name, expert.getTensor(name, DType.FLOAT64, online.shape())));
    }
    offline.clear();
    offline.putAll(loaded);
    offlineExpert = null;
  }
}

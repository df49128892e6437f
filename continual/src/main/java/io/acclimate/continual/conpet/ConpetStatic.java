package io.acclimate.continual.conpet;

import io.acclimate.bank.statistics.ClassStatistics;
import io.acclimate.bank.statistics.StatisticsSettings;
import io.acclimate.continual.LabelledBatch;
import io.acclimate.continual.LearnResult;
import io.acclimate.continual.LearnerContext;
import io.acclimate.continual.TaskOutline;
import io.acclimate.continual.tuning.TaskTuning;
import io.acclimate.continual.tuning.TunedLearner;
import io.acclimate.replay.memory.Exemplar;
import io.acclimate.runtime.state.StateReader;
import io.acclimate.runtime.state.StateWriter;
import io.acclimate.runtime.state.Stateful;
import io.acclimate.runtime.train.ParameterSet;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * Static ConPET: one set of modules and one head over all classes, tuned task after task on batches
 * of new and old samples, with a {@link ConpetHost} against forgetting.
 *
 * <p>A task takes the same steps whichever its number, but for the first, which has no old samples.
 * Unlike the paper's code, which keeps all old samples, the memory is capped. Scores are logits.
 * Not thread-safe.
 */
public final class ConpetStatic extends TunedLearner {
  private final ConpetStaticSettings settings;
  private final int batch;
  private final Rehearsal rehearsal;
  private final ElasticConsolidation consolidation;

  /** The batches of the open task that were handed over, those that were refused among them. */
  private long handed;

  /** Creates a learner without classes. */
  public ConpetStatic(LearnerContext context, ConpetStaticSettings settings) {
    super(new TaskTuning(context, settings.tuning()));
    this.settings = settings;
    this.batch = context.backbone().batch();
    this.rehearsal =
        new Rehearsal(context.backbone(), settings.rehearsal(), context.seeds().child("rehearsal"));
    this.consolidation = new ElasticConsolidation(settings.ewcStrength());
  }

  @Override
  public void beginTask(TaskOutline outline) {
    ParameterSet before = tuning().parameters();
    super.beginTask(outline);
    handed = 0;
    if (settings.host() == ConpetHost.EWC) {
      consolidation.grow(before, tuning().parameters());
    }
  }

  @Override
  public LearnResult learn(LabelledBatch samples) {
    tuning().requireFit(samples, false);
    List<Exemplar> exemplars = rehearsal.exemplars(samples, tasks());
    long batches = tuning().progress().batches();
    consolidation.collect(handed >= batches * (epochs() - 1));
    LearnResult result = WholeBatch.learn(training(), () -> steps(samples));
    if (result.applied() && (batches == 0 || handed < batches)) {
      rehearsal.offer(exemplars);
    }
    handed++;
    if (settings.host() == ConpetHost.EMAR && batches > 0 && handed % batches == 0) {
      reconsolidate();
    }
    return result;
  }

  private List<Supplier<LearnResult>> steps(LabelledBatch samples) {
    if (!settings.rehearses()) {
      return List.of(() -> tuning().learn(samples, consolidation));
    }
    List<Supplier<LearnResult>> steps = new ArrayList<>();
    for (LabelledBatch mixed : rehearsal.mix(samples, tasks())) {
      steps.add(() -> tuning().learnAmongAll(mixed, consolidation));
    }
    return steps;
  }

  /** What the steps of a batch change. */
  private Stateful training() {
    return new Stateful() {
      @Override
      public void save(StateWriter out) {
        out.put("tuning", tuning());
        out.put("consolidation", consolidation);
        out.putRandom("draws", rehearsal.random());
      }

      @Override
      public void load(StateReader in) {
        in.get("tuning", tuning());
        in.get("consolidation", consolidation);
        in.getRandom("draws", rehearsal.random());
      }
    };
  }

  /** Pulls kept samples to the means of their classes, as the modules see them now. */
  private void reconsolidate() {
    SortedMap<Integer, double[]> prototypes = prototypes();
    for (int step = 0; step < settings.emarSteps() && !prototypes.isEmpty(); step++) {
      tuning().learnByPrototypes(rehearsal.draw(batch), prototypes);
    }
  }

  private SortedMap<Integer, double[]> prototypes() {
    int size = tuning().featureSize();
    ClassStatistics means = new ClassStatistics(StatisticsSettings.MEANS, size);
    double[] features = new double[batch * size];
    for (LabelledBatch kept : rehearsal.contents(batch)) {
      tuning().features(tuning().parameters(), kept.inputs(), features);
      for (int row = 0; row < kept.labels().length; row++) {
        means.add(kept.labels()[row], Arrays.copyOfRange(features, row * size, (row + 1) * size));
      }
    }
    SortedMap<Integer, double[]> prototypes = new TreeMap<>();
    means.labels().forEach(label -> prototypes.put(label, means.of(label).mean()));
    return prototypes;
  }

  @Override
  public void endTask() {
    if (settings.host() == ConpetHost.EWC && tuning().progress().isOpen()) {
      consolidation.consolidate(tuning().parameters());
    }
    super.endTask();
  }

  /** The samples that are kept to be learned again. */
  int rehearsed() {
    return rehearsal.size();
  }

  @Override
  public void save(StateWriter out) {
    out.put("tuning", tuning());
    out.put("rehearsal", rehearsal);
    out.put("consolidation", consolidation);
    out.putLong("handed", handed);
  }

  @Override
  public void load(StateReader in) {
    in.get("tuning", tuning());
    in.get("rehearsal", rehearsal);
    in.get("consolidation", consolidation);
    handed = in.getLong("handed");
  }
}

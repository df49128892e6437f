package io.acclimate.continual.conpet;

import io.acclimate.bank.retrieval.RetrievalQuery;
import io.acclimate.bank.retrieval.RetrievalStrategy;
import io.acclimate.bank.retrieval.Retrieved;
import io.acclimate.continual.ClassBlocks;
import io.acclimate.continual.LabelledBatch;
import io.acclimate.continual.LearnResult;
import io.acclimate.continual.LearnerContext;
import io.acclimate.continual.SequenceLearner;
import io.acclimate.continual.TaskOutline;
import io.acclimate.continual.tuning.BatchFeeds;
import io.acclimate.continual.tuning.TaskTuning;
import io.acclimate.replay.memory.Exemplar;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.state.StateReader;
import io.acclimate.runtime.state.StateWriter;
import io.acclimate.runtime.state.Stateful;
import io.acclimate.runtime.train.ParameterSet;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * Dynamic ConPET: a module and a head for each task, trained on the task's own samples and never
 * changed again, and a selector that tells tasks apart, trained on new and old samples. A sample
 * goes through the selector and the modules of the likeliest tasks; classes of the others score
 * -100.
 *
 * <p>A module is trained as if it alone were asked for its samples: in the paper's words k = 1 with
 * teacher forcing. Every task but the first takes the same steps for the same samples, and an
 * answer 1 + k forward passes. The accuracy of the selector bounds that of the whole; beyond the
 * paper it may learn classes instead of tasks, and be held by elastic weight consolidation. Scores
 * are logits. Not thread-safe.
 */
public final class ConpetDynamic extends SequenceLearner {
  private final ConpetDynamicSettings settings;
  private final ClassBlocks blocks = new ClassBlocks();
  private final TaskTuning selector;
  private final TaskModules modules;
  private final Rehearsal rehearsal;
  private final ElasticConsolidation consolidation;
  private final BatchFeeds gather;

  /** The batches of the open task that were handed over, those that were refused among them. */
  private long handed;

  private double[] selectorLogits = new double[0];
  private double[] moduleLogits = new double[0];

  /** Creates a learner without classes. */
  public ConpetDynamic(LearnerContext context, ConpetDynamicSettings settings) {
    this.settings = settings;
    this.selector = new TaskTuning(within(context, "selector"), settings.tuning());
    this.modules = new TaskModules(within(context, "modules"), settings.tuning(), blocks);
    this.rehearsal =
        new Rehearsal(context.backbone(), settings.rehearsal(), context.seeds().child("rehearsal"));
    this.consolidation = new ElasticConsolidation(settings.ewcStrength());
    this.gather = new BatchFeeds(context.backbone());
  }

  private static LearnerContext within(LearnerContext context, String name) {
    return new LearnerContext(context.backbone(), context.seeds().child(name), context.adapters());
  }

  @Override
  public int epochs() {
    return settings.tuning().epochs();
  }

  @Override
  public void beginTask(TaskOutline outline) {
    progress().begin(outline);
    boolean brings = blocks.extendTo(classes());
    TreeSet<Integer> targets = new TreeSet<>();
    outline.classes().forEach(label -> targets.add(target(label)));
    ParameterSet before = selector.parameters();
    selector.begin(new TaskOutline(targets, outline.batches()), false);
    if (settings.ewcStrength() > 0) {
      consolidation.grow(before, selector.parameters());
    }
    if (brings) {
      modules.begin(outline.batches());
    }
    handed = 0;
  }

  @Override
  public LearnResult learn(LabelledBatch samples) {
    progress().requireLabels(samples.labels(), false);
    selector.requireFit(targets(samples), false);
    List<Exemplar> exemplars = rehearsal.exemplars(samples, tasks());
    consolidation.collect(handed >= progress().batches() * (epochs() - 1));
    LearnResult result =
        samples.countsNothing()
            ? LearnResult.NO_ROW_COUNTS
            : WholeBatch.learn(training(), () -> steps(samples));
    if (result.applied() && (progress().batches() == 0 || handed < progress().batches())) {
      rehearsal.offer(exemplars);
    }
    handed++;
    return result;
  }

  private List<Supplier<LearnResult>> steps(LabelledBatch samples) {
    List<Supplier<LearnResult>> steps = new ArrayList<>();
    if (blocks.count() > 1) {
      for (LabelledBatch mixed : rehearsal.mix(samples, tasks())) {
        steps.add(() -> selector.learnAmongAll(targets(mixed), consolidation));
      }
    }
    rehearsal
        .select(samples, modules::isOpen)
        .ifPresent(own -> steps.add(() -> modules.learn(own)));
    return steps;
  }

  /** What the selector shall find in the place of a class. */
  private int target(int label) {
    return settings.targets() == ConpetDynamicSettings.Targets.TASKS ? blocks.of(label) : label;
  }

  private LabelledBatch targets(LabelledBatch batch) {
    return batch.withLabels(Arrays.stream(batch.labels()).map(this::target).toArray());
  }

  /** What the steps of a batch change: nothing of earlier tasks' modules is copied. */
  Stateful training() {
    return new Stateful() {
      @Override
      public void save(StateWriter out) {
        out.put("selector", selector);
        modules.training().ifPresent(open -> out.put("module", open));
        out.put("consolidation", consolidation);
        out.putRandom("draws", rehearsal.random());
      }

      @Override
      public void load(StateReader in) {
        in.get("selector", selector);
        modules.training().ifPresent(open -> in.get("module", open));
        in.get("consolidation", consolidation);
        in.getRandom("draws", rehearsal.random());
      }
    };
  }

  @Override
  public void endTask() {
    progress().end();
    if (settings.ewcStrength() > 0) {
      consolidation.consolidate(selector.parameters());
    }
    selector.end();
    modules.end();
  }

  @Override
  public void predict(Map<String, Tensor> inputs, double[] scores) {
    scores(inputs, select(inputs, settings.retrieval()), scores);
  }

  @Override
  public void predict(Map<String, Tensor> inputs, int task, double[] scores) {
    blocks.require(task);
    int rows = selector.requireFit(inputs);
    Retrieved told = new Retrieved(List.of(task), List.of(), Optional.empty());
    scores(inputs, Collections.nCopies(rows, told), scores);
  }

  /** Finds the tasks whose modules to ask, for each row. */
  List<Retrieved> select(Map<String, Tensor> inputs, RetrievalStrategy strategy) {
    int rows = selector.requireFit(inputs);
    int tasks = blocks.count();
    if (tasks == 1) {
      return Collections.nCopies(rows, new Retrieved(List.of(0), List.of(), Optional.empty()));
    }
    int targets = selector.progress().classes();
    if (selectorLogits.length < rows * targets) {
      selectorLogits = new double[rows * targets];
    }
    selector.logits(selector.parameters(), inputs, selectorLogits);
    return strategy.retrieve(
        new RetrievalQuery() {
          @Override
          public int rows() {
            return rows;
          }

          @Override
          public int taskOf(int label) {
            return blocks.of(label);
          }

          @Override
          public double[] selectorLogits(int row) {
            return taskLogits(
                Arrays.copyOfRange(selectorLogits, row * targets, (row + 1) * targets));
          }
        });
  }

  /** The logit of a task is the logarithm of the summed exponentials of its classes' logits. */
  private double[] taskLogits(double[] found) {
    if (settings.targets() == ConpetDynamicSettings.Targets.TASKS) {
      return found;
    }
    double[] tasks = new double[blocks.count()];
    for (int block = 0; block < tasks.length; block++) {
      int start = blocks.start(block);
      int end = start + blocks.size(block);
      double greatest = Arrays.stream(found, start, end).max().orElseThrow();
      double sum = Arrays.stream(found, start, end).map(x -> Math.exp(x - greatest)).sum();
      tasks[block] = greatest + Math.log(sum);
    }
    return tasks;
  }

  /** Asks modules, each for all samples that chose it. */
  private void scores(Map<String, Tensor> inputs, List<Retrieved> selected, double[] scores) {
    AssembledLogits.clear(scores, selected.size() * classes());
    for (int block = 0; block < blocks.count(); block++) {
      int asked = block;
      int[] rows =
          IntStream.range(0, selected.size())
              .filter(row -> selected.get(row).tasks().contains(asked))
              .toArray();
      if (moduleLogits.length < gather.capacity() * blocks.size(block)) {
        moduleLogits = new double[gather.capacity() * blocks.size(block)];
      }
      for (int start = 0; start < rows.length; start += gather.capacity()) {
        int count = Math.min(gather.capacity(), rows.length - start);
        modules.logits(block, gather.gather(inputs, rows, start, count), moduleLogits);
        for (int i = 0; i < count; i++) {
          AssembledLogits.put(scores, rows[start + i], classes(), blocks, block, moduleLogits, i);
        }
      }
    }
  }

  @Override
  public int forwardsPerPrediction() {
    return blocks.count() > 1 ? 1 + Math.min(settings.retrieval().passes(), blocks.count()) : 1;
  }

  @Override
  public long bytes() {
    return selector.bytes() + modules.bytes();
  }

  @Override
  public long parameterCount() {
    return selector.parameterCount() + modules.parameterCount();
  }

  @Override
  public void save(StateWriter out) {
    out.put("progress", progress());
    out.put("blocks", blocks);
    out.put("selector", selector);
    out.put("modules", modules);
    out.put("rehearsal", rehearsal);
    out.put("consolidation", consolidation);
    out.putLong("handed", handed);
  }

  @Override
  public void load(StateReader in) {
    in.get("progress", progress());
    in.get("blocks", blocks);
    in.get("selector", selector);
    in.get("modules", modules);
    in.get("rehearsal", rehearsal);
    in.get("consolidation", consolidation);
    handed = in.getLong("handed");
  }

  @Override
  public void close() {
    selector.close();
    modules.close();
  }
}

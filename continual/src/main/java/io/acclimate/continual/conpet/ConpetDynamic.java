package io.acclimate.continual.conpet;

import io.acclimate.bank.retrieval.RetrievalQuery;
import io.acclimate.bank.retrieval.RetrievalStrategy;
import io.acclimate.bank.retrieval.Retrieved;
import io.acclimate.continual.ClassBlocks;
import io.acclimate.continual.ContinualLearner;
import io.acclimate.continual.LabelledBatch;
import io.acclimate.continual.LearnResult;
import io.acclimate.continual.LearnerContext;
import io.acclimate.continual.TaskOutline;
import io.acclimate.continual.TaskProgress;
import io.acclimate.continual.tuning.RowGather;
import io.acclimate.continual.tuning.TaskTuning;
import io.acclimate.replay.memory.Exemplar;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.state.StateReader;
import io.acclimate.runtime.state.StateWriter;
import io.acclimate.runtime.state.Stateful;
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
 * teacher forcing. Task t of any number takes the same steps, and an answer 1 + k forward passes.
 * The accuracy of the selector bounds that of the whole. Scores are logits. Not thread-safe.
 */
public final class ConpetDynamic implements ContinualLearner {
  private final ConpetDynamicSettings settings;
  private final TaskProgress progress = new TaskProgress();
  private final ClassBlocks blocks = new ClassBlocks();
  private final TaskTuning selector;
  private final TaskModules modules;
  private final Rehearsal rehearsal;
  private final RowGather gather;
  private long learned;
  private double[] selectorLogits = new double[0];
  private double[] moduleLogits = new double[0];

  /** Creates a learner without classes. */
  public ConpetDynamic(LearnerContext context, ConpetDynamicSettings settings) {
    this.settings = settings;
    this.selector = new TaskTuning(within(context, "selector"), settings.tuning());
    this.modules = new TaskModules(within(context, "modules"), settings.tuning(), blocks);
    this.rehearsal =
        new Rehearsal(context.backbone(), settings.rehearsal(), context.seeds().child("rehearsal"));
    this.gather = new RowGather(context.backbone());
  }

  private static LearnerContext within(LearnerContext context, String name) {
    return new LearnerContext(context.backbone(), context.seeds().child(name));
  }

  @Override
  public int epochs() {
    return settings.tuning().epochs();
  }

  @Override
  public void beginTask(TaskOutline outline) {
    progress.begin(outline);
    boolean brings = blocks.extendTo(progress.classes());
    TreeSet<Integer> open = new TreeSet<>();
    outline.classes().forEach(label -> open.add(blocks.of(label)));
    selector.begin(new TaskOutline(open, outline.batches()), false);
    if (brings) {
      modules.begin(outline.batches());
    }
    learned = 0;
  }

  @Override
  public LearnResult learn(LabelledBatch samples) {
    progress.requireLabels(samples.labels(), false);
    selector.requireFit(byTask(samples), false);
    List<Exemplar> exemplars = rehearsal.exemplars(samples, tasks());
    LearnResult result = WholeBatch.learn(training(), () -> steps(samples));
    if (result.applied()) {
      if (progress.batches() == 0 || learned < progress.batches()) {
        rehearsal.offer(exemplars);
      }
      learned++;
    }
    return result;
  }

  private List<Supplier<LearnResult>> steps(LabelledBatch samples) {
    List<Supplier<LearnResult>> steps = new ArrayList<>();
    if (blocks.count() > 1) {
      for (LabelledBatch mixed : rehearsal.mix(samples, tasks())) {
        steps.add(() -> selector.learnAmongAll(byTask(mixed)));
      }
    }
    rehearsal
        .select(samples, modules::isOpen)
        .ifPresent(own -> steps.add(() -> modules.learn(own)));
    return steps;
  }

  /** The same samples with the task that brought their class in the place of the class. */
  private LabelledBatch byTask(LabelledBatch batch) {
    return new LabelledBatch(
        batch.inputs(), Arrays.stream(batch.labels()).map(blocks::of).toArray());
  }

  /** What the steps of a batch change. */
  private Stateful training() {
    return new Stateful() {
      @Override
      public void save(StateWriter out) {
        out.put("selector", selector);
        out.put("modules", modules);
        out.putRandom("draws", rehearsal.random());
      }

      @Override
      public void load(StateReader in) {
        in.get("selector", selector);
        in.get("modules", modules);
        in.getRandom("draws", rehearsal.random());
      }
    };
  }

  @Override
  public void endTask() {
    progress.end();
    selector.end();
    modules.end();
  }

  @Override
  public int classes() {
    return progress.classes();
  }

  @Override
  public int tasks() {
    return progress.tasks();
  }

  @Override
  public void predict(Map<String, Tensor> inputs, double[] scores) {
    scores(inputs, select(inputs, settings.selection()), scores);
  }

  /** Finds the tasks whose modules to ask, for each row. */
  List<Retrieved> select(Map<String, Tensor> inputs, RetrievalStrategy strategy) {
    int rows = selector.requireFit(inputs);
    int tasks = blocks.count();
    if (tasks == 1) {
      return Collections.nCopies(rows, new Retrieved(List.of(0), List.of(), Optional.empty()));
    }
    if (selectorLogits.length < rows * tasks) {
      selectorLogits = new double[rows * tasks];
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
            return Arrays.copyOfRange(selectorLogits, row * tasks, (row + 1) * tasks);
          }
        });
  }

  /** Asks modules, each for all samples that chose it. */
  void scores(Map<String, Tensor> inputs, List<Retrieved> selected, double[] scores) {
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
    return blocks.count() > 1 ? 1 + Math.min(settings.topK(), blocks.count()) : 1;
  }

  @Override
  public long bytes() {
    return selector.bytes() + modules.bytes();
  }

  @Override
  public void save(StateWriter out) {
    out.put("progress", progress);
    out.put("blocks", blocks);
    out.put("selector", selector);
    out.put("modules", modules);
    out.put("rehearsal", rehearsal);
    out.putLong("learned", learned);
  }

  @Override
  public void load(StateReader in) {
    in.get("progress", progress);
    in.get("blocks", blocks);
    in.get("selector", selector);
    in.get("modules", modules);
    in.get("rehearsal", rehearsal);
    learned = in.getLong("learned");
  }

  @Override
  public void close() {
    selector.close();
    modules.close();
  }
}

package io.acclimate.continual.mamba;

import io.acclimate.bank.selective.SelectiveProjector;
import io.acclimate.bank.selective.TokenOrders;
import io.acclimate.bank.statistics.ClassStatistics;
import io.acclimate.bank.statistics.StatisticsSettings;
import io.acclimate.continual.Backbone;
import io.acclimate.continual.LabelledBatch;
import io.acclimate.continual.LearnResult;
import io.acclimate.continual.LearnerContext;
import io.acclimate.continual.SequenceLearner;
import io.acclimate.continual.TaskOutline;
import io.acclimate.continual.tuning.FrozenOutput;
import io.acclimate.continual.tuning.UnitRows;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.state.StateReader;
import io.acclimate.runtime.state.StateWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.commons.rng.UniformRandomProvider;

/**
 * Mamba-FSCIL: the first task trains a selective projector of the frozen model's token map towards
 * fixed directions, one for each class there will ever be ({@link EtfHead}). From the second task
 * on it is frozen, and a second projector whose gate starts closed is trained beside it: on the
 * task's few samples and on one mean map of each earlier class, which is all that is remembered.
 * Losses keep the second gate closed on base classes and let the others select differently.
 *
 * <p>Scores are cosines with the directions of the classes seen. Li et al., arXiv 2407.06136; steps
 * on mixed maps go without the class-sensitive losses, since a mixed map has no one kind. Not
 * thread-safe.
 */
public final class MambaFscil extends SequenceLearner {
  private final MambaFscilSettings settings;
  private final SeedTree seeds;
  private final FrozenOutput tokens;
  private final int batch;
  private final int memoryRows;
  private final Branch base;
  private final Branch session;
  private final ClassStatistics memory;
  private final KeptMaps kept;
  private EtfHead head;
  private int baseClasses;

  /**
   * Creates a learner without classes.
   *
   * @throws AcclimateException when the model gives no token map, or the grid does not fit it
   */
  public MambaFscil(LearnerContext context, MambaFscilSettings settings) {
    this.settings = settings;
    this.seeds = context.seeds();
    Backbone backbone = context.backbone();
    this.tokens =
        new FrozenOutput(backbone, backbone.tokenGraph(settings.tokens()), Backbone.TOKEN_MAP);
    this.batch = backbone.batch();
    this.memoryRows = (int) Math.ceil(settings.memoryRatio() * batch);
    int width = (int) tokens.shape().size(2);
    TokenOrders orders = orders(backbone);
    this.base =
        new Branch(
            BranchModel.ofBase(
                new SelectiveProjector(width, 2 * width, settings.block(false), orders),
                backbone.type(),
                batch,
                backbone.options()),
            settings.base());
    this.session =
        new Branch(
            BranchModel.ofSession(
                new SelectiveProjector(width, 2 * width, settings.block(true), orders),
                backbone.type(),
                batch + memoryRows,
                backbone.options(),
                settings.losses()),
            settings.session());
    this.memory = new ClassStatistics(StatisticsSettings.MEANS, tokens.size());
    this.kept = new KeptMaps(settings.exemplars(), seeds.child("exemplars"));
    this.head = EtfHead.drawn(settings.size(), settings.maxClasses(), seeds.child("head"));
  }

  private TokenOrders orders(Backbone backbone) {
    int count = (int) tokens.shape().size(1);
    int root = (int) Math.round(Math.sqrt(count));
    boolean square = backbone.mask().isEmpty() && root * root == count;
    int rows = settings.gridRows() > 0 ? settings.gridRows() : square ? root : 1;
    if (count % rows != 0) {
      throw new AcclimateException(
          "grid-rows: expected a divisor of the model's %d tokens, found %d"
              .formatted(count, rows));
    }
    return rows == 1 ? TokenOrders.ofLine(count) : TokenOrders.ofGrid(rows, count / rows);
  }

  @Override
  public int epochs() {
    return branch().training().epochs();
  }

  private Branch branch() {
    return tasks() == 0 ? base : session;
  }

  @Override
  public void beginTask(TaskOutline outline) {
    if (outline.classes().last() >= settings.maxClasses()) {
      throw new AcclimateException(
          "max-classes: expected at most %d classes in all, found class %d"
              .formatted(settings.maxClasses(), outline.classes().last()));
    }
    progress().begin(outline);
    int task = tasks();
    if (task == 0) {
      baseClasses = classes();
    }
    if (!branch().exists() || settings.restart() && task > 0) {
      branch().start(seeds.child("branch").child(task));
    }
    branch().open(outline.batches());
  }

  @Override
  public LearnResult learn(LabelledBatch samples) {
    progress().requireLabels(samples.labels(), false);
    int rows = samples.labels().length;
    if (rows > batch) {
      throw new AcclimateException(
          "expected at most %d rows in a batch to learn, found %d".formatted(batch, rows));
    }
    if (samples.countsNothing()) {
      return LearnResult.NO_ROW_COUNTS;
    }
    int[] counting = samples.masks().counting(rows);
    double[][] all = tokens.of(samples.shownInputs());
    double[][] maps = Arrays.stream(counting).mapToObj(row -> all[row]).toArray(double[][]::new);
    int[] labels = Arrays.stream(counting).map(row -> samples.labels()[row]).toArray();
    for (double[] map : maps) {
      if (!Arrays.stream(map).allMatch(Double::isFinite)) {
        return new LearnResult(0, "batch refused: tokens that are not finite");
      }
    }
    LearnResult result = step(maps, labels);
    if (result.applied()) {
      boolean firstPass = progress().batches() == 0 || branch().steps() <= progress().batches();
      for (int row = 0; row < labels.length; row++) {
        memory.add(labels[row], maps[row]);
        if (firstPass) {
          kept.offer(maps[row], labels[row]);
        }
      }
    }
    return result;
  }

  private LearnResult step(double[][] maps, int[] labels) {
    Branch branch = branch();
    MapBatch composed =
        branch == base ? MapBatch.of(maps, labels) : withMemory(maps, labels, branch.steps());
    UniformRandomProvider random =
        seeds.child("mixup").child(tasks()).child(branch.steps()).generator();
    if (random.nextDouble() < branch.training().mixup()) {
      composed = composed.mixed(random);
    }
    if (branch == session) {
      feedBase(composed);
    }
    composed.feed(branch.model(), head, branch.training().balanced());
    return branch.step();
  }

  /**
   * The samples, and maps of classes of earlier tasks, one class after the other from step to step:
   * a sample that was kept, else the mean.
   */
  private MapBatch withMemory(double[][] maps, int[] labels, long step) {
    List<Integer> earlier = new ArrayList<>(memory.labels());
    earlier.removeAll(progress().openClasses());
    int remembered = earlier.isEmpty() ? 0 : memoryRows;
    double[][] allMaps = Arrays.copyOf(maps, maps.length + remembered);
    int[] allLabels = Arrays.copyOf(labels, allMaps.length);
    KeptMaps.Draw draw = kept.draw(seeds.child("kept").child(tasks()).child(step));
    for (int i = 0; i < remembered; i++) {
      int label = earlier.get((int) ((step * memoryRows + i) % earlier.size()));
      int like = i % maps.length;
      allMaps[maps.length + i] =
          draw.of(label).orElseGet(() -> spread(memory.of(label).mean(), maps[like], labels[like]));
      allLabels[maps.length + i] = label;
    }
    return new MapBatch(allMaps, allLabels, new int[0]);
  }

  /**
   * A mean map that varies like a sample does about the mean of its own class. A second branch that
   * met bare means only would tell them from samples instead of classes from each other.
   */
  private double[] spread(double[] mean, double[] sample, int label) {
    if (settings.spread() > 0 && memory.labels().contains(label)) {
      double[] own = memory.of(label).mean();
      for (int i = 0; i < mean.length; i++) {
        mean[i] += settings.spread() * (sample[i] - own[i]);
      }
    }
    return mean;
  }

  /** Feeds the session's model what only it reads. */
  private void feedBase(MapBatch composed) {
    double[][] features = baseFeatures(composed.maps());
    BranchModel model = session.model();
    for (int row = 0; row < model.rows(); row++) {
      int at = Math.min(row, features.length - 1);
      model.putBase(row, features[at]);
      boolean counts = row < features.length && !composed.isMixed();
      boolean old = composed.labels()[at] < baseClasses;
      model.putKind(row, counts && old, counts && !old);
    }
  }

  private double[][] baseFeatures(double[][] maps) {
    BranchModel model = base.model();
    double[][] features = new double[maps.length][settings.size()];
    for (int start = 0; start < maps.length; start += model.rows()) {
      for (int row = 0; row < model.rows(); row++) {
        model.putMap(row, maps[Math.min(start + row, maps.length - 1)]);
      }
      model.forward(base.parameters());
      for (int row = 0; row < model.rows() && start + row < maps.length; row++) {
        model.features(row, features[start + row]);
        if (settings.unitBase()) {
          UnitRows.scale(features[start + row]);
          model.round(features[start + row]);
        }
      }
    }
    return features;
  }

  @Override
  public void endTask() {
    Branch trained = branch();
    progress().end();
    trained.end();
  }

  @Override
  public void predict(Map<String, Tensor> inputs, double[] scores) {
    progress().requireClasses();
    double[][] maps = tokens.of(inputs);
    double[][] features = baseFeatures(maps);
    if (session.exists()) {
      addSession(maps, features);
    }
    for (int row = 0; row < maps.length; row++) {
      head.cosines(features[row], classes(), scores, row * classes());
    }
  }

  private void addSession(double[][] maps, double[][] features) {
    BranchModel model = session.model();
    for (int start = 0; start < maps.length; start += model.rows()) {
      for (int row = 0; row < model.rows(); row++) {
        int at = Math.min(start + row, maps.length - 1);
        model.putMap(row, maps[at]);
        model.putBase(row, features[at]);
      }
      model.forward(session.parameters());
      for (int row = 0; row < model.rows() && start + row < maps.length; row++) {
        model.features(row, features[start + row]);
      }
    }
  }

  @Override
  public int forwardsPerPrediction() {
    return 1;
  }

  @Override
  public long bytes() {
    return base.bytes()
        + session.bytes()
        + (long) head.columns().length * Double.BYTES
        + memory.bytes()
        + kept.bytes();
  }

  @Override
  public long parameterCount() {
    return base.parameterCount() + session.parameterCount();
  }

  @Override
  public void save(StateWriter out) {
    out.put("progress", progress());
    out.putInt("baseClasses", baseClasses);
    out.putDoubles("head", head.columns());
    out.put("memory", memory);
    out.put("kept", kept);
    out.put("base", base);
    out.put("session", session);
  }

  @Override
  public void load(StateReader in) {
    in.get("progress", progress());
    baseClasses = in.getInt("baseClasses");
    head = EtfHead.ofColumns(settings.size(), settings.maxClasses(), in.getDoubles("head"));
    in.get("memory", memory);
    in.get("kept", kept);
    in.get("base", base);
    in.get("session", session);
  }

  @Override
  public void close() {
    tokens.close();
    base.close();
    session.close();
  }
}

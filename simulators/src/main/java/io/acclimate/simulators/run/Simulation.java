package io.acclimate.simulators.run;

import com.typesafe.config.ConfigFactory;
import io.acclimate.actors.AdaptiveRuntime;
import io.acclimate.actors.AdaptiveStream;
import io.acclimate.actors.Prediction;
import io.acclimate.actors.RuntimeJournal;
import io.acclimate.actors.StreamStats;
import io.acclimate.replay.event.Predicted;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.FrozenModel;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.TensorSpec;
import io.acclimate.runtime.method.MethodRegistry;
import io.acclimate.simulators.data.Dataset;
import io.acclimate.simulators.report.Machine;
import io.acclimate.simulators.report.Report;
import io.acclimate.simulators.report.Summary;
import io.acclimate.simulators.scenario.Regime;
import io.acclimate.simulators.scenario.Scenario;
import io.acclimate.simulators.scenario.Scenario.MethodEntry;
import io.acclimate.simulators.shift.StreamPlan;
import io.acclimate.tta.AdaptationFactory;
import io.acclimate.tta.CorrectorProvider;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;

/**
 * Runs a scenario: for each regime and seed, all methods meet the same batches in the same order,
 * taking turns batch by batch through the actors. One run of one instance; not thread-safe.
 */
public final class Simulation {
  private static final int WARM_UP_BATCHES = 3;

  private final Scenario scenario;
  private final ProgressListener progress;
  private final BooleanSupplier stopped;
  private final MethodRegistry<CorrectorProvider> registry = CorrectorProvider.registry();
  private final Set<String> notes = new LinkedHashSet<>();
  private final List<Report.Run> runs = new ArrayList<>();
  private final Optional<RunJournal> journal;
  private final RunJournal.Origin origin;
  private RunJournal.Earlier earlier = RunJournal.Earlier.NOTHING;
  private boolean partial;

  /**
   * Prepares a simulation without a journal.
   *
   * @param stopped asked while the streams are planned and before each batch; when true the run
   *     ends with a partial report, if it has begun
   */
  public Simulation(Scenario scenario, ProgressListener progress, BooleanSupplier stopped) {
    this(scenario, progress, stopped, Optional.empty(), List.of());
  }

  /**
   * Prepares a simulation.
   *
   * @param stopped asked while the streams are planned and before each batch; when true the run
   *     ends with a partial report, if it has begun
   * @param journal where the run is recorded; or what it goes on from
   * @param overrides the settings over the scenario file, for the journal to know
   */
  public Simulation(
      Scenario scenario,
      ProgressListener progress,
      BooleanSupplier stopped,
      Optional<RunJournal> journal,
      List<String> overrides) {
    this.journal = journal;
    this.origin = new RunJournal.Origin(scenario.file().toAbsolutePath().toString(), overrides);
    this.scenario = scenario;
    this.progress = progress;
    this.stopped = stopped;
  }

  /** One stream to run. */
  private record Stream(Regime regime, long seed, StreamPlan plan) {}

  /**
   * Runs the scenario.
   *
   * @throws AcclimateException when data and model do not fit together or a method fails
   * @throws StoppedException when it is to end before its streams are planned
   */
  public Report run() {
    Dataset data = scenario.data().read();
    try (FrozenModel model = FrozenModel.open(scenario.model(), scenario.modelOptions())) {
      requireFit(model, scenario.runtime().logitsOutput(), data);
      List<Stream> streams = plan(data);
      progress.planned(streams.stream().mapToLong(stream -> stream.plan().size()).sum());
      try (AdaptiveRuntime runtime = start(model)) {
        for (Stream stream : streams) {
          if (!partial) {
            run(runtime, data, stream);
          }
        }
      }
      return new Report(
          new Report.ScenarioInfo(
              scenario.name(), scenario.file().getFileName().toString(), scenario.settings()),
          Machine.versions(),
          new Report.ModelInfo(model.name(), model.sha256(), model.device().toString()),
          Machine.describe(),
          partial,
          List.copyOf(notes),
          runs,
          Summary.of(runs));
    }
  }

  private AdaptiveRuntime start(FrozenModel model) {
    if (journal.isEmpty()) {
      return AdaptiveRuntime.start(model, scenario.runtime());
    }
    RuntimeJournal opened = journal.get().open(scenario, origin, model);
    try {
      earlier = RunJournal.Earlier.read(opened.view());
      return AdaptiveRuntime.start(model, scenario.runtime(), opened);
    } catch (RuntimeException e) {
      opened.abandon();
      throw e;
    }
  }

  static void requireFit(FrozenModel model, String logits, Dataset data) {
    TensorSpec input = model.singleInput();
    int[] sample = data.sampleShape();
    long[] batch = new long[sample.length + 1];
    batch[0] = 1;
    for (int axis = 0; axis < sample.length; axis++) {
      batch[axis + 1] = sample[axis];
    }
    if (!input.accepts(batch)) {
      throw new AcclimateException(
          "data %s: samples of shape %s do not fit input '%s' %s of model %s"
              .formatted(
                  data.source(),
                  Arrays.toString(sample),
                  input.name(),
                  input.shapeText(),
                  model.name()));
    }
    long classes = model.requireOutput(logits).elementsPerRow();
    if (data.classes() > classes) {
      throw new AcclimateException(
          "data %s has %d classes, model %s answers with %d"
              .formatted(data.source(), data.classes(), model.name(), classes));
    }
  }

  private List<Stream> plan(Dataset data) {
    int[] labels = data.labels().toArray();
    List<Stream> streams = new ArrayList<>();
    for (Regime regime : scenario.regimes()) {
      for (long seed : scenario.seeds()) {
        SeedTree seeds = SeedTree.of(seed).child("plan");
        StreamPlan plan =
            StreamPlan.create(regime.recipe(), labels, data.classes(), seeds, this::requireGoing);
        streams.add(new Stream(regime, seed, plan));
      }
    }
    return streams;
  }

  private void requireGoing() {
    if (stopped.getAsBoolean()) {
      throw new StoppedException();
    }
  }

  /** The controls around the scenario's methods. */
  private List<MethodEntry> entries(Regime regime) {
    List<MethodEntry> entries = new ArrayList<>();
    entries.add(new MethodEntry("frozen", "frozen", ConfigFactory.empty()));
    scenario.methods().forEach(method -> entries.add(regime.under(method)));
    entries.add(new MethodEntry("oracle", "oracle", ConfigFactory.empty()));
    return entries;
  }

  private void run(AdaptiveRuntime runtime, Dataset data, Stream stream) {
    String run = stream.regime().name() + ", seed " + stream.seed();
    int batchSize = Math.min(stream.regime().batchSize(), stream.plan().size());
    BatchMaker maker =
        new BatchMaker(
            scenario, data, stream.plan(), batchSize, SeedTree.of(stream.seed()).child("noise"));
    notes.addAll(maker.notes());
    warmUp(runtime, maker.fill(0, batchSize));
    int[] labels = data.labels().toArray();
    List<MethodTally> tallies = new ArrayList<>();
    Map<MethodTally, AdaptiveStream> methods = new LinkedHashMap<>();
    for (MethodEntry entry : entries(stream.regime())) {
      MethodTally tally =
          new MethodTally(
              entry.name(),
              registry.require(entry.method()).descriptor(),
              stream.plan(),
              scenario.windowSamples(),
              new ArrivalClock(stream.regime().pace()));
      String id = run + ", " + entry.name();
      tallies.add(tally);
      for (Predicted answer : earlier.of(id)) {
        int start = (int) answer.batch() * batchSize;
        int size = answer.labels().length;
        tally.replay(start, labels(stream.plan(), labels, start, size), answer);
      }
      if (!earlier.closed().contains(id)) {
        methods.put(tally, runtime.stream(id, entry.method(), entry.settings()));
      }
    }
    noteSupervised();
    play(run, stream.plan(), maker, batchSize, labels, methods);
    List<Report.MethodResult> results = new ArrayList<>();
    for (MethodTally tally : tallies) {
      Optional<AdaptiveStream> method = Optional.ofNullable(methods.get(tally));
      long stateBytes =
          method.map(open -> open.snapshot().toCompletableFuture().join().length).orElse(0);
      results.add(
          tally.result(method.map(AdaptiveStream::stats).map(StreamStats::counts), stateBytes));
      if (!tally.note().isEmpty()) {
        notes.add(run + ": " + tally.note());
      }
      if (!partial) {
        method.ifPresent(open -> runtime.closeStream(open.id()));
      }
    }
    runs.add(
        new Report.Run(
            stream.regime().name(),
            stream.seed(),
            stream.plan().size(),
            stream.regime().batchSize(),
            results));
  }

  /** Says which methods were told to learn from the true labels. */
  private void noteSupervised() {
    for (MethodEntry entry : scenario.methods()) {
      if (AdaptationFactory.of(entry.method(), entry.settings()).descriptor().needsLabels()) {
        notes.add(entry.name() + ": learned from the true labels of the batches it had answered");
      }
    }
  }

  private void play(
      String run,
      StreamPlan plan,
      BatchMaker maker,
      int batchSize,
      int[] allLabels,
      Map<MethodTally, AdaptiveStream> methods) {
    int domains = 0;
    for (int start = 0; start < plan.size() && !partial; start += batchSize) {
      if (stopped.getAsBoolean()) {
        partial = true;
        return;
      }
      int size = Math.min(batchSize, plan.size() - start);
      if (start > 0 && plan.item(start).segment() != plan.item(start - 1).segment()) {
        domains++;
      }
      long number = start / batchSize;
      Map<MethodTally, AdaptiveStream> asked = new LinkedHashMap<>(methods);
      asked.values().removeIf(stream -> stream.nextBatch() > number);
      if (!asked.isEmpty()) {
        ask(
            asked,
            number,
            start,
            maker.fill(start, size),
            labels(plan, allLabels, start, size),
            domains);
      }
      progress.advanced(run, size, accuracies(methods.keySet()));
    }
  }

  /** One batch for each method that has not answered it before the run was gone on from. */
  private static void ask(
      Map<MethodTally, AdaptiveStream> methods,
      long number,
      int start,
      Tensor batch,
      int[] labels,
      int domains) {
    for (Map.Entry<MethodTally, AdaptiveStream> method : methods.entrySet()) {
      while (method.getValue().domainsBegun() < domains) {
        join(method.getValue().beginDomain());
      }
      method.getKey().add(start, labels, ask(method, number, batch, labels));
    }
  }

  /** One batch for one method, learned from where the method has the time. */
  private static Prediction ask(
      Map.Entry<MethodTally, AdaptiveStream> method, long number, Tensor batch, int[] labels) {
    ArrivalClock clock = method.getKey().clock();
    AdaptiveStream stream = method.getValue();
    if (!clock.admits(number)) {
      return ask(stream, batch, null);
    }
    StreamStats.Counts before = stream.stats().counts();
    Prediction prediction = ask(stream, batch, labels);
    StreamStats.Counts after = stream.stats().counts();
    clock.learned(
        number, after.forwards() - before.forwards(), after.backwards() - before.backwards());
    return prediction;
  }

  /** Lets ONNX Runtime and the compiler settle before anything is timed. */
  private static void warmUp(AdaptiveRuntime runtime, Tensor batch) {
    AdaptiveStream stream = runtime.stream("warm-up", "frozen");
    for (int i = 0; i < WARM_UP_BATCHES; i++) {
      ask(stream, batch, null);
    }
    runtime.closeStream("warm-up");
  }

  private static Prediction ask(AdaptiveStream stream, Tensor batch, int[] labels) {
    return join(labels == null ? stream.predict(batch) : stream.adaptLabelled(batch, labels));
  }

  private static <T> T join(CompletionStage<T> stage) {
    try {
      return stage.toCompletableFuture().join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    }
  }

  private static int[] labels(StreamPlan plan, int[] allLabels, int start, int size) {
    int[] labels = new int[size];
    for (int i = 0; i < size; i++) {
      labels[i] = allLabels[plan.item(start + i).sample()];
    }
    return labels;
  }

  private static Map<String, Double> accuracies(Set<MethodTally> tallies) {
    Map<String, Double> accuracies = new LinkedHashMap<>();
    tallies.forEach(tally -> accuracies.put(tally.name(), tally.accuracy()));
    return accuracies;
  }
}

package io.acclimate.simulators.tasks;

import io.acclimate.bank.store.AdapterFiles;
import io.acclimate.continual.AdapterSource;
import io.acclimate.continual.Backbone;
import io.acclimate.continual.ContinualLearner;
import io.acclimate.continual.LearnerContext;
import io.acclimate.continual.LearnerFactory;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.FrozenModel;
import io.acclimate.runtime.ModelOptions;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.graph.Specializer;
import io.acclimate.simulators.report.Machine;
import io.acclimate.simulators.report.Report;
import io.acclimate.simulators.tasks.ContinualReport.MethodResult;
import io.acclimate.simulators.tasks.ContinualReport.SeedResult;
import io.acclimate.simulators.tasks.ContinualReport.TaskInfo;
import io.acclimate.simulators.tasks.ContinualReport.WindowInfo;
import io.acclimate.simulators.tasks.ContinualScenario.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

/** Lets every learner of a scenario meet its tasks, and measures it after each. One run. */
public final class ContinualRun {
  private final ContinualScenario scenario;
  private final ContinualProgress progress;
  private final BooleanSupplier stopped;
  private AdapterSource adapters = AdapterSource.NONE;
  private final List<SeedResult> runs = new ArrayList<>();
  private long done;
  private long total;
  private boolean partial;

  /**
   * Prepares a run.
   *
   * @param stopped whether to end as soon as possible with a partial report
   */
  public ContinualRun(
      ContinualScenario scenario, ContinualProgress progress, BooleanSupplier stopped) {
    this.scenario = scenario;
    this.progress = progress;
    this.stopped = stopped;
  }

  /**
   * Runs all learners with all seeds. A learner that refuses a batch ends there, and the others go
   * on.
   *
   * @throws AcclimateException when model, data and learners do not fit
   */
  public ContinualReport run() {
    ContinualScenario.Model model = scenario.model();
    TaskData data = TaskData.read(scenario);
    byte[] bytes = model.location().read();
    String sha256;
    ModelOptions options;
    try (FrozenModel opened = FrozenModel.open(model.location().name(), bytes, model.options())) {
      sha256 = opened.sha256();
      options = opened.options(); // the device that "auto" is, for all sessions of the run
    }
    Backbone backbone =
        data.plain()
            .backbone(
                Specializer.of(model.location().name(), bytes),
                scenario.batchSize(),
                model.features(),
                model.pooling(),
                options);
    adapters = name -> AdapterFiles.readFor(scenario.file().resolveSibling(name), sha256);
    for (long seed : scenario.seeds()) {
      if (!partial) {
        runs.add(run(seed, backbone, data));
      }
    }
    return new ContinualReport(
        new Report.ScenarioInfo(scenario.name(), scenario.file().toString(), scenario.settings()),
        Machine.versions(),
        new Report.ModelInfo(model.location().name(), sha256, options.device().toString()),
        Machine.describe(),
        partial,
        runs,
        Summaries.of(runs, scenario.tasks().count()));
  }

  private SeedResult run(long seed, Backbone backbone, TaskData all) {
    SeedTree seeds = SeedTree.of(seed);
    TaskData data = all.with(seeds.child("domains"));
    BoundaryFinder finder = new BoundaryFinder(data, backbone, scenario.tasks().shift());
    TaskPlan plan = new TaskPlanner(scenario, data, seeds).plan(finder::ends);
    int left = scenario.seeds().size() - runs.size();
    total = done + (long) left * scenario.methods().size() * plan.windows().size();
    List<MethodResult> methods = new ArrayList<>();
    SortedMap<String, String> failures = new TreeMap<>();
    for (Map.Entry<String, LearnerFactory> method : scenario.methods().entrySet()) {
      if (!partial) {
        learn(method.getKey(), method.getValue(), backbone, data, plan, seed, failures)
            .ifPresent(methods::add);
      }
    }
    List<String> names = data.labels().names();
    List<TaskInfo> tasks =
        IntStream.range(0, plan.tasks().size()).mapToObj(task -> info(plan, task, names)).toList();
    List<WindowInfo> windows =
        IntStream.range(0, plan.windows().size()).mapToObj(window -> info(plan, window)).toList();
    return new SeedResult(seed, tasks, windows, methods, failures);
  }

  private static TaskInfo info(TaskPlan plan, int task, List<String> names) {
    TaskPlan.Task info = plan.tasks().get(task);
    return new TaskInfo(
        info.name(),
        info.classes().stream().map(names::get).toList(),
        info.heldOut().length,
        plan.streamEnds()[task],
        plan.stageWindows()[task]);
  }

  private static WindowInfo info(TaskPlan plan, int window) {
    TaskPlan.Window info = plan.windows().get(window);
    return new WindowInfo(info.classes().size(), info.items().length, plan.windowEnds()[window]);
  }

  private Optional<MethodResult> learn(
      String name,
      LearnerFactory factory,
      Backbone backbone,
      TaskData data,
      TaskPlan plan,
      long seed,
      Map<String, String> failures) {
    SeedTree seeds = SeedTree.of(seed);
    LearnerContext context = new LearnerContext(backbone, seeds.child("learner"), adapters);
    boolean told = scenario.kind() == Kind.TASK_INCREMENTAL;
    double[] untrained = null;
    if (plan.isClosedWorld() && plan.tasks().size() > 1) {
      try (ContinualLearner fresh = factory.create(context)) {
        untrained = new LearnerRun(name, fresh, backbone, data, plan, told, stopped).untrained();
      }
    }
    try (ContinualLearner learner = factory.create(context)) {
      LearnerRun run = new LearnerRun(name, learner, backbone, data, plan, told, stopped);
      boolean goesOn = true;
      for (int window = 0; window < plan.windows().size() && goesOn; window++) {
        int at = window;
        goesOn =
            run.learn(
                window,
                seeds.child("order").child(window),
                accuracy -> tell(seed, name, at, accuracy));
        done += goesOn ? 1 : run.failure().isEmpty() ? 0 : plan.windows().size() - window;
        tell(seed, name, window, run.lastAccuracy());
      }
      if (!run.failure().isEmpty()) {
        failures.put(name, run.failure());
      }
      partial = !goesOn && run.failure().isEmpty();
      return run.result(untrained);
    }
  }

  private void tell(long seed, String method, int window, double accuracy) {
    progress.advanced(new ContinualProgress.Place(done, total, seed, method, window, accuracy));
  }
}

package io.acclimate.simulators.tasks;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.SeedTree;
import io.acclimate.simulators.data.Labels;
import io.acclimate.simulators.tasks.ContinualScenario.Boundaries;
import io.acclimate.simulators.tasks.ContinualScenario.Kind;
import io.acclimate.simulators.train.Split;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.apache.commons.rng.UniformRandomProvider;
import org.apache.commons.rng.sampling.ArraySampler;

/**
 * Draws the plan of a scenario: which classes and samples belong to which task, what arrives when,
 * and when labels come. Equal seeds draw equal plans. Not thread-safe.
 */
final class TaskPlanner {
  private final ContinualScenario scenario;
  private final TaskData data;
  private final SeedTree seeds;
  private final int[] order;
  private final Split split;

  TaskPlanner(ContinualScenario scenario, TaskData data, SeedTree seeds) {
    this.scenario = scenario;
    this.data = data;
    this.seeds = seeds;
    this.order = IntStream.range(0, data.labels().classes()).toArray();
    if (scenario.tasks().shuffleClasses()) {
      ArraySampler.shuffle(seeds.child("classes").generator(), order);
    }
    this.split = Split.of(data.labels(), scenario.heldOut(), seeds.child("split"));
  }

  /**
   * Draws the plan.
   *
   * @param detector finds the ends of windows in a stream of items without boundaries; the last one
   *     is the end of the stream
   * @throws AcclimateException when the classes cannot be dealt out, or no sample can judge a task
   */
  TaskPlan plan(UnaryOperator<int[]> detector) {
    List<TaskPlan.Task> tasks = tasks();
    List<int[]> training =
        IntStream.range(0, tasks.size())
            .mapToObj(task -> training(task, tasks.get(task).classes()))
            .toList();
    ContinualScenario.Tasks settings = scenario.tasks();
    TaskStream stream =
        TaskStream.of(training, settings.boundaries(), settings.blur(), seeds.child("stream"));
    boolean told = settings.boundaries() != Boundaries.NONE;
    int[] ends = told ? stream.ends() : detector.apply(stream.items());
    List<int[]> learned = labelled(stream.items(), ends);
    int[] places = new int[order.length];
    Arrays.fill(places, -1);
    List<TaskPlan.Window> windows = new ArrayList<>();
    int known = 0;
    for (int window = 0; window < ends.length; window++) {
      List<Integer> announced = told ? tasks.get(window).classes() : List.of();
      known = number(announced, learned.get(window), places, known);
      SortedSet<Integer> classes = new TreeSet<>();
      announced.forEach(label -> classes.add(places[label]));
      Arrays.stream(learned.get(window)).forEach(item -> classes.add(places[data.label(item)]));
      windows.add(new TaskPlan.Window(learned.get(window), classes));
    }
    int[] stages = told ? IntStream.range(0, ends.length).toArray() : stages(stream, ends);
    return new TaskPlan(windows, tasks, stages, places, stream.ends(), ends);
  }

  private List<TaskPlan.Task> tasks() {
    Labels labels = data.labels();
    List<TaskPlan.Task> tasks = new ArrayList<>();
    boolean domains = scenario.kind() == Kind.DOMAIN_INCREMENTAL;
    List<List<Integer>> dealt = domains ? List.of() : dealtOut();
    List<Integer> all = Arrays.stream(order).boxed().toList();
    for (int task = 0; task < scenario.tasks().count(); task++) {
      List<Integer> classes = domains ? all : dealt.get(task);
      String name =
          domains
              ? scenario.tasks().domains().get(task).name()
              : String.join(", ", classes.stream().map(labels.names()::get).toList());
      int domain = domains ? task : 0;
      int[] heldOut = items(split.heldOut(), classes, domain);
      if (heldOut.length == 0) {
        throw new AcclimateException(
            "task %d (%s): expected at least two samples of one of its classes, so that one can judge"
                .formatted(task, name));
      }
      tasks.add(new TaskPlan.Task(name, classes, heldOut));
    }
    return tasks;
  }

  private List<List<Integer>> dealtOut() {
    int tasks = scenario.tasks().count();
    int first = scenario.tasks().firstClasses();
    int rest = order.length - first;
    int among = first == 0 ? tasks : tasks - 1;
    if (among == 0 ? rest != 0 : rest < among || rest % among != 0) {
      throw new AcclimateException(
          "tasks: expected to deal out the %d classes evenly, found %d tasks, the first one of %s"
              .formatted(order.length, tasks, first == 0 ? "as many classes" : first + " classes"));
    }
    List<List<Integer>> dealt = new ArrayList<>();
    int start = 0;
    for (int task = 0; task < tasks; task++) {
      int size = task == 0 && first > 0 ? first : rest / among;
      dealt.add(Arrays.stream(order, start, start + size).boxed().toList());
      start += size;
    }
    return dealt;
  }

  private int[] items(int[] samples, List<Integer> classes, int domain) {
    return Arrays.stream(samples)
        .filter(sample -> classes.contains(data.labels().get(sample)))
        .map(sample -> data.item(domain, sample))
        .toArray();
  }

  /** What a task has to learn from; few of each class where shots are limited. */
  private int[] training(int task, List<Integer> classes) {
    int domain = scenario.kind() == Kind.DOMAIN_INCREMENTAL ? task : 0;
    int[] items = items(split.training(), classes, domain);
    int shots = scenario.tasks().shots();
    if (task == 0 || shots == 0) {
      return items;
    }
    ArraySampler.shuffle(seeds.child("shots").child(task).generator(), items);
    int[] taken = new int[order.length];
    return Arrays.stream(items).filter(item -> taken[data.label(item)]++ < shots).toArray();
  }

  /** The items of each window whose label has come by its end and not before its start. */
  private List<int[]> labelled(int[] stream, int[] ends) {
    UniformRandomProvider random = seeds.child("labels").generator();
    List<List<Integer>> windows = new ArrayList<>();
    Arrays.stream(ends).forEach(end -> windows.add(new ArrayList<>()));
    int window = 0;
    for (int place = 0; place < stream.length; place++) {
      boolean missing = random.nextDouble() < scenario.labels().missing();
      int arrival = place + scenario.labels().delay();
      while (window < ends.length && arrival >= ends[window]) {
        window++;
      }
      if (!missing && window < ends.length) {
        windows.get(window).add(stream[place]);
      }
    }
    return windows.stream().map(this::inOrderOfSplit).toList();
  }

  /** So that what is learned in a window does not depend on the order in which it has arrived. */
  private int[] inOrderOfSplit(List<Integer> items) {
    int samples = data.labels().size();
    int[] rank = new int[samples];
    for (int i = 0; i < split.training().length; i++) {
      rank[split.training()[i]] = i;
    }
    return items.stream()
        .sorted(
            Comparator.<Integer>comparingInt(item -> item / samples)
                .thenComparingInt(item -> rank[item % samples]))
        .mapToInt(Integer::intValue)
        .toArray();
  }

  /**
   * Numbers the classes that are new in a window, in the order of the tasks; gives how many are
   * known.
   */
  private int number(List<Integer> announced, int[] items, int[] places, int known) {
    boolean[] here = new boolean[order.length];
    announced.forEach(label -> here[label] = true);
    Arrays.stream(items).forEach(item -> here[data.label(item)] = true);
    int next = known;
    for (int label : order) {
      if (here[label] && places[label] < 0) {
        places[label] = next++;
      }
    }
    return next;
  }

  /**
   * A task counts as seen at the first end of a window after it begins to give way to the next, or
   * at most a batch before, since ends are found batch by batch.
   */
  private int[] stages(TaskStream stream, int[] ends) {
    return Arrays.stream(stream.fades())
        .map(
            fade ->
                IntStream.range(0, ends.length)
                    .filter(window -> ends[window] + scenario.batchSize() > fade)
                    .findFirst()
                    .orElse(ends.length - 1))
        .toArray();
  }
}

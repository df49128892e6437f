package io.acclimate.actors.learn;

import io.acclimate.continual.LabelledBatch;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.io.AtomicFiles;
import io.acclimate.runtime.io.Safetensors;
import io.acclimate.runtime.state.State;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What a background learner keeps on disk, each file written aside, forced to the disk and renamed:
 *
 * <pre>
 * tasks/NUMBER/BATCH.safetensors  labelled samples that wait to be learned
 * tasks/NUMBER/ended              the name of a task that gets no more samples
 * probes/NUMBER.safetensors       held-out samples of an accepted task, with its name and accuracy
 * base.state                      the learner after the last task that was decided on
 * progress.state                  the learner in mid-task
 * learner.lock                    held by the one learner that writes; see {@link BackgroundLearner}
 * </pre>
 *
 * <p>Belongs to one thread.
 */
final class LearnerFiles {
  private static final String LABELS = "learner-labels";
  private static final String NAME = "name";
  private static final String ACCURACY = "accuracy";
  private static final String SUFFIX = ".safetensors";

  private final Path root;
  private long appendedTask = -1;
  private long nextBatch;

  /** Held-out samples of an accepted task. */
  record Probe(long task, String name, double accuracy, LabelledBatch samples) {}

  LearnerFiles(Path root) {
    this.root = root;
    createFolder(root);
  }

  private static void createFolder(Path folder) {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new AcclimateException(folder + ": expected to create it, found: " + e, e);
    }
  }

  private Path task(long task) {
    return root.resolve("tasks").resolve("%010d".formatted(task));
  }

  private Path ended(long task) {
    return task(task).resolve("ended");
  }

  /** The numbers of tasks that have samples or were ended. */
  List<Long> tasks() {
    return numbers(root.resolve("tasks"), "");
  }

  /** Keeps a batch of a task; on the disk when this returns. */
  void append(long task, LabelledBatch batch) {
    if (task != appendedTask) {
      createFolder(task(task));
      List<Long> kept = numbers(task(task), SUFFIX);
      nextBatch = kept.isEmpty() ? 0 : kept.get(kept.size() - 1) + 1;
      appendedTask = task;
    }
    Map<String, Tensor> tensors = new LinkedHashMap<>(batch.inputs());
    tensors.put(LABELS, Tensor.ofInts(batch.labels(), batch.labels().length));
    Path file = task(task).resolve("%010d%s".formatted(nextBatch, SUFFIX));
    Safetensors.write(file, tensors, Map.of());
    nextBatch++;
  }

  /** Says that a task gets no more samples. */
  void end(long task, String name) {
    createFolder(task(task));
    AtomicFiles.write(ended(task), out -> out.write(name.getBytes(StandardCharsets.UTF_8)));
  }

  /** The name of a task that was ended; empty when it was not. */
  Optional<String> endedName(long task) {
    if (!Files.exists(ended(task))) {
      return Optional.empty();
    }
    try {
      return Optional.of(Files.readString(ended(task)));
    } catch (IOException e) {
      throw new AcclimateException(ended(task) + ": expected to read it, found: " + e, e);
    }
  }

  /** The batches of a task in the order in which they came. */
  List<LabelledBatch> batches(long task) {
    List<LabelledBatch> batches = new ArrayList<>();
    for (long number : numbers(task(task), SUFFIX)) {
      batches.add(read(task(task).resolve("%010d%s".formatted(number, SUFFIX))).batch());
    }
    return batches;
  }

  private record Stored(LabelledBatch batch, Map<String, String> metadata) {}

  private static Stored read(Path file) {
    Safetensors.Contents contents = Safetensors.read(file);
    Map<String, Tensor> inputs = new LinkedHashMap<>(contents.tensors());
    Tensor labels = inputs.remove(LABELS);
    if (labels == null || labels.type() != DType.INT32) {
      throw new AcclimateException(
          file + ": expected labelled samples, found tensors " + contents.tensors().keySet());
    }
    return new Stored(new LabelledBatch(inputs, labels.toIntArray()), contents.metadata());
  }

  /** Takes a task's samples away. */
  void removeTask(long task) {
    if (!Files.isDirectory(task(task))) {
      return;
    }
    // the mark goes last: what is left after a kill is still a task that was ended
    try (Stream<Path> files = Files.list(task(task))) {
      files.sorted(Comparator.comparing(ended(task)::equals)).forEach(LearnerFiles::deleteIfThere);
    } catch (IOException e) {
      throw new AcclimateException(task(task) + ": expected to list it, found: " + e, e);
    }
    deleteIfThere(task(task));
  }

  /** Keeps held-out samples of an accepted task. */
  void writeProbe(Probe probe) {
    createFolder(root.resolve("probes"));
    Map<String, Tensor> tensors = new LinkedHashMap<>(probe.samples().inputs());
    tensors.put(LABELS, Tensor.ofInts(probe.samples().labels(), probe.samples().labels().length));
    Safetensors.write(
        probeFile(probe.task()),
        tensors,
        Map.of(NAME, probe.name(), ACCURACY, Double.toString(probe.accuracy())));
  }

  private Path probeFile(long task) {
    return root.resolve("probes").resolve("%010d%s".formatted(task, SUFFIX));
  }

  /** The numbers of accepted tasks below one that have probes. */
  List<Long> probes(long below) {
    return numbers(root.resolve("probes"), SUFFIX).stream().filter(task -> task < below).toList();
  }

  /** The probe of an accepted task. */
  Probe probe(long task) {
    Stored stored = read(probeFile(task));
    return new Probe(
        task,
        stored.metadata().get(NAME),
        Double.parseDouble(stored.metadata().get(ACCURACY)),
        stored.batch());
  }

  /** Takes all probes but the latest ones away. */
  void keepProbes(int latest) {
    List<Long> tasks = numbers(root.resolve("probes"), SUFFIX);
    tasks
        .subList(0, Math.max(0, tasks.size() - latest))
        .forEach(task -> deleteIfThere(probeFile(task)));
  }

  /** Takes the probes from a number on away. */
  void removeProbes(long from) {
    for (long task : numbers(root.resolve("probes"), SUFFIX)) {
      if (task >= from) {
        deleteIfThere(probeFile(task));
      }
    }
  }

  /** The learner after the last task that was decided on. */
  Path base() {
    return root.resolve("base.state");
  }

  /** The learner in mid-task. */
  Path progress() {
    return root.resolve("progress.state");
  }

  /** Reads a state where there is one. */
  static Optional<State> state(Path file) {
    return Files.exists(file) ? Optional.of(State.read(file)) : Optional.empty();
  }

  static void deleteIfThere(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new AcclimateException(file + ": expected to remove it, found: " + e, e);
    }
  }

  /** The numbers that name files or folders, in their order; other names are passed over. */
  private static List<Long> numbers(Path folder, String suffix) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      SortedMap<Long, Path> found = new TreeMap<>();
      files.forEach(
          file -> {
            String name = file.getFileName().toString();
            if (name.matches("\\d{10}" + suffix.replace(".", "\\."))) {
              found.put(Long.parseLong(name.substring(0, 10)), file);
            }
          });
      return new ArrayList<>(found.keySet());
    } catch (IOException e) {
      throw new AcclimateException(folder + ": expected to list it, found: " + e, e);
    }
  }
}

package io.acclimate.simulators.cli;

import io.acclimate.replay.codec.JournalRecord;
import io.acclimate.replay.event.BatchObserved;
import io.acclimate.replay.event.FloatArray;
import io.acclimate.replay.event.Predicted;
import io.acclimate.replay.journal.ChronicleJournal;
import io.acclimate.replay.journal.JournalReader;
import io.acclimate.replay.journal.JournalView;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.io.AtomicFiles;
import io.acclimate.runtime.io.Npy;
import io.acclimate.runtime.io.NpyArray;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Writes a journal's contents in formats that other programs read. */
@Command(
    name = "export",
    description = {
      "Writes a journal as JSON lines, or one stream's arrays as .npy files.",
      "The arrays are input, logits, features and probabilities [samples, ...], labels "
          + "and frozen-labels [samples]."
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class)
final class JournalExportCommand implements Callable<Integer> {
  @Parameters(paramLabel = "DIR", description = "The journal's folder.")
  private Path folder;

  @ArgGroup(multiplicity = "1")
  private Target target;

  @Option(names = "--stream", paramLabel = "ID", description = "Only this stream; --npy needs it.")
  private String stream;

  @Option(names = "--values", description = "JSON lines: the values of arrays, too.")
  private boolean values;

  @Spec private CommandSpec spec;

  private static final class Target {
    @Option(names = "--jsonl", paramLabel = "FILE", description = "Receives JSON lines.")
    private Path lines;

    @Option(names = "--npy", paramLabel = "OUT", description = "Folder of the .npy files.")
    private Path arrays;
  }

  @Override
  public Integer call() {
    if (target.lines != null) {
      AtomicFiles.write(
          target.lines,
          out ->
              forEach(
                  record -> {
                    try {
                      String line = EventJson.line(record, values) + "\n";
                      out.write(line.getBytes(StandardCharsets.UTF_8));
                    } catch (IOException e) {
                      throw new AcclimateException(
                          target.lines + ": expected to write it, found: " + e, e);
                    }
                  }));
    } else {
      exportArrays();
    }
    return 0;
  }

  private void forEach(Consumer<JournalRecord> action) {
    try (JournalView journal = ChronicleJournal.openReadOnly(folder);
        JournalReader reader = journal.reader(0)) {
      for (Optional<JournalRecord> next = reader.next(); next.isPresent(); next = reader.next()) {
        Map<String, Object> fields = EventJson.fields(next.get(), false);
        if (stream == null || stream.equals(fields.get("stream"))) {
          action.accept(next.get());
        }
      }
    }
  }

  private void exportArrays() {
    if (stream == null) {
      throw new AcclimateException("--npy needs --stream ID: arrays of one stream fit together");
    }
    Map<String, List<FloatArray>> floats = new LinkedHashMap<>();
    Map<String, List<int[]>> labels = new LinkedHashMap<>();
    forEach(record -> collect(record, floats, labels));
    if (floats.isEmpty() && labels.isEmpty()) {
      throw new AcclimateException(
          "journal %s: expected batches of stream %s, found none".formatted(folder, stream));
    }
    try {
      Files.createDirectories(target.arrays);
    } catch (IOException e) {
      throw new AcclimateException(target.arrays + ": expected to create it, found: " + e, e);
    }
    floats.forEach((name, parts) -> Npy.write(file(name), joined(name, parts)));
    labels.forEach(
        (name, parts) -> {
          int[] all = parts.stream().flatMapToInt(Arrays::stream).toArray();
          Npy.write(file(name), NpyArray.of(all, all.length));
        });
  }

  private Path file(String name) {
    return target.arrays.resolve(name + ".npy");
  }

  private static void collect(
      JournalRecord record, Map<String, List<FloatArray>> floats, Map<String, List<int[]>> labels) {
    if (record.event() instanceof BatchObserved batch) {
      batch.input().ifPresent(array -> add(floats, "input", array));
      batch.logits().ifPresent(array -> add(floats, "logits", array));
      batch.features().ifPresent(array -> add(floats, "features", array));
    } else if (record.event() instanceof Predicted predicted) {
      predicted.probabilities().ifPresent(array -> add(floats, "probabilities", array));
      add(labels, "labels", predicted.labels());
      add(labels, "frozen-labels", predicted.frozenLabels());
    }
  }

  private static <T> void add(Map<String, List<T>> parts, String name, T part) {
    parts.computeIfAbsent(name, key -> new ArrayList<>()).add(part);
  }

  /** The parts along their first axis; all other dimensions have to be equal. */
  private static NpyArray joined(String name, List<FloatArray> parts) {
    long[] first = parts.get(0).shape();
    int rows = 0;
    int count = 0;
    for (FloatArray part : parts) {
      long[] shape = part.shape();
      if (!Arrays.equals(shape, 1, shape.length, first, 1, first.length)) {
        throw new AcclimateException(
            "%s: expected batches of one shape, found %s and %s"
                .formatted(name, Arrays.toString(first), Arrays.toString(shape)));
      }
      rows = Math.addExact(rows, (int) shape[0]);
      count = Math.addExact(count, part.values().length);
    }
    float[] all = new float[count];
    int at = 0;
    for (FloatArray part : parts) {
      System.arraycopy(part.values(), 0, all, at, part.values().length);
      at += part.values().length;
    }
    int[] shape = Arrays.stream(first).mapToInt(Math::toIntExact).toArray();
    shape[0] = rows;
    return NpyArray.of(all, shape);
  }
}

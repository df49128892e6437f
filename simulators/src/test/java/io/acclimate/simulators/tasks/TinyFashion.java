package io.acclimate.simulators.tasks;

import io.acclimate.runtime.SeedTree;
import io.acclimate.simulators.data.IdxReader;
import io.acclimate.simulators.data.ImageDataset;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/** Scenarios on a few images of each class of Fashion-MNIST. */
final class TinyFashion {
  static final int CLASSES = 10;
  private static final Path EXAMPLES = Path.of("../examples").toAbsolutePath().normalize();
  private static final int SIDE = 28;

  private TinyFashion() {}

  /**
   * Writes the first images of each class and a scenario of them with the control of class means.
   */
  static ContinualScenario load(Path folder, int perClass, String... overrides) throws IOException {
    writeImages(folder, perClass);
    Path file =
        Files.writeString(
            folder.resolve("tiny.conf"),
            """
            kind = class-incremental
            model { path = "%s/models/fashion-base4.onnx", device = cpu, threads = 1 }
            data { format = idx, path = images, labels = labels }
            held-out = 0.25
            tasks = 5
            batch-size = 16
            methods.frozen-ncm {}
            """
                .formatted(EXAMPLES));
    return ContinualScenarioLoader.load(file, List.of(overrides)).orElseThrow();
  }

  private static void writeImages(Path folder, int perClass) throws IOException {
    Path source = EXAMPLES.resolve("data/fashion-mnist");
    ImageDataset all =
        IdxReader.read(
            source.resolve("t10k-images-idx3-ubyte.gz"),
            source.resolve("t10k-labels-idx1-ubyte.gz"),
            List.of());
    int[] taken = new int[CLASSES];
    int[] chosen =
        IntStream.range(0, all.size()).filter(i -> taken[all.label(i)]++ < perClass).toArray();
    byte[] pixels = new byte[SIDE * SIDE];
    try (DataOutputStream images =
            new DataOutputStream(Files.newOutputStream(folder.resolve("images")));
        DataOutputStream labels =
            new DataOutputStream(Files.newOutputStream(folder.resolve("labels")))) {
      for (int header : new int[] {0x803, chosen.length, SIDE, SIDE}) {
        images.writeInt(header);
      }
      labels.writeInt(0x801);
      labels.writeInt(chosen.length);
      for (int sample : chosen) {
        all.copyPixels(sample, pixels, 0);
        images.write(pixels);
        labels.writeByte(all.label(sample));
      }
    }
  }

  /** A plan of a scenario; the detector answers with these ends. */
  static TaskPlan plan(ContinualScenario scenario, TaskData data, long seed, int... ends) {
    return new TaskPlanner(scenario, data, SeedTree.of(seed)).plan(stream -> ends);
  }

  static ContinualReport run(ContinualScenario scenario) {
    return new ContinualRun(scenario, ContinualProgress.NONE, () -> false).run();
  }
}

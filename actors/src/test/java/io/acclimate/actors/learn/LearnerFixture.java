package io.acclimate.actors.learn;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.acclimate.bank.pet.Pooling;
import io.acclimate.bank.store.AdapterBank;
import io.acclimate.bank.store.BankSettings;
import io.acclimate.continual.Backbone;
import io.acclimate.continual.LabelledBatch;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.Device;
import io.acclimate.runtime.ModelOptions;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.testing.TestNetworks;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.rng.UniformRandomProvider;

/** Tasks of two classes for a transformer of two layers, and learners in a folder. */
final class LearnerFixture {
  static final String MODEL = "0123";

  /** Settings by which no task is refused for what it forgets. */
  static final String FORGETS = "gate.most-forgetting = 1";

  private static final int PER_CLASS = 16;
  private static final int VALUES = TestNetworks.TOKENS * TestNetworks.WIDTH;
  private static final String NAIVE =
      "settings { modules { lora { sites = [attention-v, ffn-up, ffn-down] } }\n"
          + "epochs = 3, rate = 0.02 }";
  private static final String LEARNER =
      "batch-size = 2, held-out-every = 4, gate.least-gain = -1, revert.window = 8\n"
          + "snapshot-steps = 5\n";

  final Path folder;
  final AdapterBank bank;
  final List<LearnerEvent> events = new ArrayList<>();
  private final LearnerSettings settings;

  LearnerFixture(Path root, String settings) {
    this.folder = root.resolve("learner");
    Path bankFolder = root.resolve("bank");
    this.bank =
        Files.exists(bankFolder)
            ? AdapterBank.open(bankFolder, BankSettings.defaults())
            : AdapterBank.create(bankFolder, BankSettings.defaults());
    this.settings = settings(settings);
  }

  static LearnerSettings settings(String more) {
    Config given = ConfigFactory.parseString(more).withFallback(ConfigFactory.parseString(LEARNER));
    return LearnerSettings.of(
        given.hasPath("method") ? given : given.withFallback(ConfigFactory.parseString(NAIVE)));
  }

  LearnerSettings settings() {
    return settings;
  }

  LearnerParts parts() {
    Backbone backbone =
        new Backbone(
            TestNetworks.preNormFused(DType.FLOAT32, 2),
            "features",
            Pooling.MEAN,
            "",
            new ModelOptions(Device.CPU, 1));
    return new LearnerParts(backbone, Optional.of("logits"), MODEL, bank, folder, events::add);
  }

  LearnerCore open() {
    return new LearnerCore(
        parts(), settings, new AdapterPublisher(bank, settings, MODEL, bank::publish));
  }

  /** The samples of a task as batches of several sizes; each class lies around its own pattern. */
  static List<LabelledBatch> batches(int task) {
    UniformRandomProvider noise = SeedTree.of(3).child(task).generator();
    List<LabelledBatch> batches = new ArrayList<>();
    for (int i = 0; i < PER_CLASS; i++) {
      Tensor inputs = Tensor.allocate(DType.FLOAT32, 2, TestNetworks.TOKENS, TestNetworks.WIDTH);
      int[] labels = new int[2];
      for (int row = 0; row < 2; row++) {
        labels[row] = 2 * task + (row + i) % 2;
        UniformRandomProvider pattern = SeedTree.of(17).child(labels[row]).generator();
        for (int k = 0; k < VALUES; k++) {
          double value = 2 * pattern.nextDouble() - 1 + 0.25 * (2 * noise.nextDouble() - 1);
          inputs.floats().put(row * VALUES + k, (float) value);
        }
      }
      batches.add(new LabelledBatch(Map.of("x", inputs), labels));
    }
    return batches;
  }

  static void offer(LearnerCore core, int task) {
    batches(task).forEach(core.intake()::offer);
    core.intake().endTask("task-" + task);
  }

  /** Steps until there is nothing to do. */
  static void finish(LearnerCore core) {
    while (core.step()) {
      // one step after another
    }
  }

  List<TaskDecision> decisions() {
    return events.stream()
        .filter(LearnerEvent.Decided.class::isInstance)
        .map(event -> ((LearnerEvent.Decided) event).decision())
        .toList();
  }

  TaskDecision lastDecision() {
    return decisions().get(decisions().size() - 1);
  }
}

package io.acclimate.continual.tuning;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import io.acclimate.bank.Adapter;
import io.acclimate.bank.AdapterCard;
import io.acclimate.bank.store.AdapterFiles;
import io.acclimate.continual.AdapterSource;
import io.acclimate.continual.Backbone;
import io.acclimate.continual.ContinualLearner;
import io.acclimate.continual.LabelledBatch;
import io.acclimate.continual.LearnerContext;
import io.acclimate.continual.LearnerProvider;
import io.acclimate.continual.TaskOutline;
import io.acclimate.continual.TinyStream;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.method.MethodRegistry;
import io.acclimate.runtime.settings.SettingsReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.commons.rng.UniformRandomProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** PVP: modules that were trained on other data are a better start than random ones. */
class PretrainedStartTest {
  private static final String MODEL = "ab".repeat(32);
  private static final String SETTINGS =
      "modules { adapter { layers = [] } }, epochs = 6, rate = 0.02";

  @TempDir Path folder;

  private Path trained(String settings, long seed) {
    SettingsReader reader =
        new SettingsReader(
            ConfigFactory.parseString(settings), MethodRegistry.defaults("naive"), "naive");
    TuningSettings read = TuningSettings.read(reader);
    Backbone backbone = TinyStream.backbone();
    try (TaskTuning tuning =
        new TaskTuning(new LearnerContext(backbone, SeedTree.of(seed)), read)) {
      tuning.begin(TaskOutline.ofRange(0, 4, 16), false);
      for (int epoch = 0; epoch < 6; epoch++) {
        for (int task = 0; task < 2; task++) {
          TinyStream.batches(task, seed).forEach(batch -> tuning.learn(batch, false));
        }
      }
      Path file = folder.resolve("source" + seed + ".safetensors");
      Adapter adapter =
          new Adapter(
              AdapterCard.of("source", "classes 0 to 3", "adapter", MODEL)
                  .withProvenance(Map.of("seed", Long.toString(seed))),
              tuning.parameters().tensors());
      AdapterFiles.write(adapter, file);
      return file;
    }
  }

  private static AdapterSource source(String model) {
    return name -> AdapterFiles.readFor(Path.of(name), model);
  }

  private static ContinualLearner learner(String settings, AdapterSource source, long seed) {
    return LearnerProvider.read("naive", ConfigFactory.parseString(settings))
        .create(new LearnerContext(TinyStream.backbone(), SeedTree.of(seed), source));
  }

  /** One sample of each of two classes of the source, then many that are noisier. */
  private static double oneShotAccuracy(ContinualLearner learner, long seed) {
    UniformRandomProvider noise = SeedTree.of(seed).child("target").generator();
    learner.beginTask(TaskOutline.ofRange(0, 2, 1));
    LabelledBatch shots =
        new LabelledBatch(
            TinyStream.inputs(List.of(noisy(2, noise, 1), noisy(0, noise, 1))), new int[] {0, 1});
    for (int epoch = 0; epoch < learner.epochs(); epoch++) {
      learner.learn(shots);
    }
    learner.endTask();
    List<float[]> samples = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      samples.add(noisy(i % 2 == 0 ? 2 : 0, noise, 1));
    }
    double[] scores = new double[2 * samples.size()];
    learner.predict(TinyStream.inputs(samples), scores);
    int right = 0;
    for (int i = 0; i < samples.size(); i++) {
      right += scores[2 * i] > scores[2 * i + 1] == (i % 2 == 0) ? 1 : 0;
    }
    return right / 100.0;
  }

  private static float[] noisy(int label, UniformRandomProvider random, double more) {
    float[] sample = TinyStream.sample(label, random);
    for (int i = 0; i < sample.length; i++) {
      sample[i] += (float) (more * (2 * random.nextDouble() - 1));
    }
    return sample;
  }

  @Test
  void oneShotIsBetterFromModulesOfARelatedSource() {
    double random = 0;
    double pretrained = 0;
    int seeds = 6;
    for (int seed = 0; seed < seeds; seed++) {
      String init = ", init = \"%s\"".formatted(trained(SETTINGS, seed));
      try (ContinualLearner fresh = learner(SETTINGS, AdapterSource.NONE, seed);
          ContinualLearner started = learner(SETTINGS + init, source(MODEL), seed)) {
        random += oneShotAccuracy(fresh, seed) / seeds;
        pretrained += oneShotAccuracy(started, seed) / seeds;
      }
    }
    assertTrue(pretrained >= random + 0.05, random + " " + pretrained);
  }

  @Test
  void modulesStartFromTheAdapterAndItsHeadIsLeftOut() {
    Path file = trained(SETTINGS, 1);
    Adapter adapter = AdapterFiles.read(file);
    SettingsReader reader =
        new SettingsReader(
            ConfigFactory.parseString(SETTINGS + ", init = \"%s\"".formatted(file)),
            MethodRegistry.defaults("naive"),
            "naive");
    try (TaskTuning tuning =
        new TaskTuning(
            new LearnerContext(TinyStream.backbone(), SeedTree.of(1), source(MODEL)),
            TuningSettings.read(reader))) {
      tuning.begin(TaskOutline.ofRange(0, 2, 1), false);
      TaskModel.modules(tuning.parameters())
          .forEach(
              (name, values) ->
                  assertTrue(values.contentEquals(adapter.tensors().get(name)), name));
    }
    assertEquals("1", adapter.card().provenance().get("seed"));
  }

  @Test
  void whatDoesNotFitIsRefused() {
    Path file = trained(SETTINGS, 1);
    String init = ", init = \"%s\"".formatted(file);
    assertRefused("expected the model with SHA-256", SETTINGS + init, source("cd".repeat(32)));
    assertRefused("no place to find any", SETTINGS + init, AdapterSource.NONE);
    assertRefused("nowhere", SETTINGS + ", init = nowhere.safetensors", source(MODEL));
    assertRefused("expected the modules", "modules { lora {} }" + init, source(MODEL));
  }

  private static void assertRefused(String words, String settings, AdapterSource source) {
    AcclimateException refused =
        assertThrows(
            AcclimateException.class,
            () -> {
              try (ContinualLearner learner = learner(settings, source, 1)) {
                learner.beginTask(TaskOutline.ofRange(0, 2, 1));
              }
            });
    assertTrue(refused.getMessage().contains(words), refused.getMessage());
  }
}

package io.acclimate.tta.gradient;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import io.acclimate.bank.pet.PetModule;
import io.acclimate.bank.pet.PetProvider;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.method.ParameterGroup;
import io.acclimate.runtime.settings.SettingsException;
import io.acclimate.tta.Adaptation;
import io.acclimate.tta.AdaptationFactory;
import io.acclimate.tta.MethodContext;
import io.acclimate.tta.OutputBatch;
import io.acclimate.tta.testkit.Batches;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Gradient methods that change modules put into the model in the weights' place. */
class ModuleChoiceTest {
  private static final int CLASSES = 5;
  private static final int FEATURES = 8;
  private static final String LORA =
      "parameters = adapters, modules { lora { sites = [linear], rank = 2 } }";

  private static AdaptationFactory factory(String method, String settings) {
    return AdaptationFactory.of(method, ConfigFactory.parseString(settings));
  }

  private static MethodContext context(long seed) {
    return new MethodContext(
        CLASSES,
        FEATURES,
        Optional.empty(),
        Optional.empty(),
        SeedTree.of(seed),
        Optional.of(Networks.transformer(FEATURES, CLASSES)),
        Optional.empty(),
        Optional.empty());
  }

  /** The parameters are the modules' alone, whatever the batch size. */
  @Test
  void onlyModulesAreChanged() {
    Map<String, PetModule> modules = new TreeMap<>();
    modules.put(
        "lora",
        PetProvider.create("lora", ConfigFactory.parseString("sites = [linear], rank = 2")));
    ModuleChoice choice = new ModuleChoice(modules, SeedTree.of(1));
    try (AdaptableModel model =
        AdaptableModel.of(
            Networks.transformer(FEATURES, CLASSES),
            choice,
            graph -> graph.ops().reduceSum(graph.logits(0), false))) {
      assertTrue(
          model.source().types().keySet().stream().allMatch(name -> name.startsWith("lora.")),
          model.source().toString());
      OutputBatch large = Batches.stream(3, CLASSES, FEATURES, 16).get(0);
      double[] answers = new double[16 * CLASSES];
      GradientMethod.answer(model, model.source(), large, answers);
      double[] alone = new double[CLASSES];
      OutputBatch first =
          new OutputBatch(1, CLASSES, 0, uniform(), new double[0], null, large.input().rows(1));
      GradientMethod.answer(model, model.source(), first, alone);
      assertArrayEquals(Arrays.copyOf(answers, CLASSES), alone, 1e-6);
    }
  }

  private static double[] uniform() {
    double[] uniform = new double[CLASSES];
    Arrays.fill(uniform, 1.0 / CLASSES);
    return uniform;
  }

  @Test
  void theDescriptorNamesWhatIsChanged() {
    assertEquals(ParameterGroup.ADAPTERS, factory("sar", LORA).descriptor().changes());
    assertEquals(ParameterGroup.ALL, factory("tent", "parameters = all").descriptor().changes());
    assertEquals(ParameterGroup.NORM_AFFINE, factory("tent", "").descriptor().changes());
  }

  /** Sure samples make the entropy fall, as with weights of the model's own. */
  @Test
  void tentLowersTheEntropy() {
    try (Adaptation tent =
        factory("tent", LORA + ", optimizer.rate = 0.01, guard.disagreement = 1")
            .create(context(7))) {
      OutputBatch batch = Batches.stream(5, CLASSES, FEATURES, 64).get(0);
      double[] answer = new double[64 * CLASSES];
      tent.step(batch, answer);
      double before = entropy(answer);
      for (int k = 0; k < 20; k++) {
        tent.step(batch, answer);
      }
      assertTrue(entropy(answer) < 0.9 * before, before + " to " + entropy(answer));
    }
  }

  private static double entropy(double[] answer) {
    double entropy = 0;
    for (double p : answer) {
      entropy -= p > 0 ? p * Math.log(p) : 0;
    }
    return entropy;
  }

  @Test
  void whatCannotBeIsRefused() {
    for (List<String> mistake :
        List.of(
            List.of("tent", "parameters = adapters, modules { prefix {} }", "changes nothing"),
            List.of("tent", "parameters = adapters, modules { lora { rank = -1 } }", "rank"),
            List.of("tent", "modules { lora {} }", "parameters = adapters only"),
            List.of("psmt", "parameters = adapters", "expected norm or all"))) {
      SettingsException refused =
          assertThrows(
              SettingsException.class,
              () -> factory(mistake.get(0), mistake.get(1)),
              mistake.get(1));
      assertTrue(refused.getMessage().contains(mistake.get(2)), refused.getMessage());
    }
  }
}

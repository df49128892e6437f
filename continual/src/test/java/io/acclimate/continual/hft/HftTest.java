package io.acclimate.continual.hft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import io.acclimate.bank.pet.PatchedGraph;
import io.acclimate.bank.pet.PetModules;
import io.acclimate.bank.pet.PetPatch;
import io.acclimate.continual.ContinualLearner;
import io.acclimate.continual.LearnerContext;
import io.acclimate.continual.TinyStream;
import io.acclimate.continual.tuning.TaskModel;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.method.MethodRegistry;
import io.acclimate.runtime.settings.SettingsReader;
import io.acclimate.runtime.state.State;
import io.acclimate.runtime.testing.TestNetworks;
import io.acclimate.runtime.train.ParameterSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HftTest {
  private static HftSettings settings(String more) {
    SettingsReader reader =
        new SettingsReader(
            ConfigFactory.parseString(TinyStream.settings("hft") + ", " + more),
            MethodRegistry.defaults("hft"),
            "hft");
    HftSettings settings = HftSettings.read(reader);
    reader.throwIfAny("hft");
    return settings;
  }

  private static Hft learner(String more, long seed) {
    return new Hft(new LearnerContext(TinyStream.backbone(), SeedTree.of(seed)), settings(more));
  }

  private static List<PatchedGraph.Unit> units(int layers, String modules) {
    SettingsReader reader =
        new SettingsReader(
            ConfigFactory.parseString("modules { " + modules + " }"),
            MethodRegistry.defaults("hft"),
            "hft");
    PetPatch patch = PetPatch.of(TestNetworks.preNormFused(DType.FLOAT32, layers));
    PetModules.read(reader).forEach(patch::add);
    return patch.apply().units();
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 6})
  void halfOfEveryCategoryRests(int layers) {
    List<PatchedGraph.Unit> units =
        units(layers, "lora { sites = [attention-q, attention-v], rank = 2 }");
    assertEquals(2 * layers, units.size());
    Set<Integer> counts = new TreeSet<>();
    for (int task = 0; task < 20; task++) {
      SeedTree seeds = SeedTree.of(3).child(task);
      Set<String> resting = HalfMask.resting(units, HftSettings.Unit.SITE, seeds);
      Map<Object, List<PatchedGraph.Unit>> bySite =
          units.stream().collect(Collectors.groupingBy(unit -> unit.site().kind()));
      assertEquals(2, bySite.size());
      bySite
          .values()
          .forEach(
              category -> {
                long whole =
                    category.stream()
                        .filter(u -> resting.containsAll(u.parameters().values()))
                        .count();
                long touched =
                    category.stream()
                        .filter(u -> u.parameters().values().stream().anyMatch(resting::contains))
                        .count();
                assertEquals(whole, touched, "sites rest as a whole");
                assertTrue(whole == layers / 2 || whole == (layers + 1) / 2, "" + whole);
                counts.add((int) whole);
              });
      Set<String> tensors = HalfMask.resting(units, HftSettings.Unit.TENSOR, seeds);
      for (String parameter : List.of("A", "B")) {
        long resting2 = tensors.stream().filter(name -> name.endsWith("." + parameter)).count();
        assertEquals(layers, resting2, "half of all " + parameter);
      }
    }
    assertEquals(layers % 2 == 0 ? 1 : 2, counts.size(), "the odd one goes either way");
  }

  @Test
  void equalSeedsRestEquallyAndTasksDiffer() {
    List<PatchedGraph.Unit> units = units(6, "adapter { layers = [] }");
    Set<Set<String>> masks = new HashSet<>();
    for (int task = 0; task < 10; task++) {
      SeedTree seeds = SeedTree.of(1).child(task);
      Set<String> mask = HalfMask.resting(units, HftSettings.Unit.SITE, seeds);
      assertEquals(mask, HalfMask.resting(units, HftSettings.Unit.SITE, seeds));
      masks.add(mask);
    }
    assertTrue(masks.size() > 5, masks.size() + " of 20 that there are");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "half-fine-tuning",
        "half-reset",
        "half-fine-tuning, head = cosine, imprint = true"
      })
  void exactlyTheOthersChangeInATask(String variant) {
    try (Hft learner = learner("variant = " + variant, 5)) {
      TinyStream.learn(learner, 0);
      ParameterSet before = learner.values().copy();
      TinyStream.learnWithoutEnd(learner, 1);
      Set<String> resting = learner.resting();
      learner.endTask();
      assertFalse(resting.isEmpty());
      ParameterSet after = learner.values();
      for (String name : before.types().keySet()) {
        if (!TaskModel.isHead(name)) {
          assertEquals(
              resting.contains(name), before.tensor(name).contentEquals(after.tensor(name)), name);
        }
      }
    }
  }

  /** The half that goes back takes what was forgotten of the first task with it. */
  @Test
  void halfResetRestoresWhatTuningForgot() {
    double naive = forgetting("naive", "");
    double reset = forgetting("hft", ", variant = half-reset");
    assertTrue(reset <= naive, naive + " " + reset);
  }

  private static double forgetting(String name, String more) {
    try (ContinualLearner learner = TinyStream.learner(name, TinyStream.settings(name) + more)) {
      return TinyStream.run(learner).signedForgetting();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"half-fine-tuning", "half-reset"})
  void aSavedTaskGoesOnWithTheSameHalf(String variant) {
    try (Hft whole = learner("variant = " + variant, 5);
        Hft resumed = learner("variant = " + variant, 5)) {
      TinyStream.learn(whole, 0);
      TinyStream.learnWithoutEnd(whole, 1);
      State.of(whole).restore(resumed);
      assertEquals(whole.resting(), resumed.resting());
      whole.endTask();
      resumed.endTask();
      assertEquals(State.of(whole), State.of(resumed));
      assertNotEquals(0, whole.bytes());
    }
  }

  @Test
  void settingsAreRead() {
    HftSettings settings = settings("unit = tensor, variant = half-reset");
    assertEquals(HftSettings.Unit.TENSOR, settings.unit());
    assertEquals(HftSettings.Variant.HALF_RESET, settings.variant());
    assertEquals(5, settings.tuning().epochs());
  }
}

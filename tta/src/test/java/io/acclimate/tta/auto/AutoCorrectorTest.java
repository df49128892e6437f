package io.acclimate.tta.auto;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import io.acclimate.runtime.Rows;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.settings.SettingsException;
import io.acclimate.runtime.state.State;
import io.acclimate.tta.Adaptation;
import io.acclimate.tta.AdaptationEvent;
import io.acclimate.tta.AdaptationFactory;
import io.acclimate.tta.MethodContext;
import io.acclimate.tta.OutputBatch;
import io.acclimate.tta.SourceStatistics;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntUnaryOperator;
import org.apache.commons.rng.UniformRandomProvider;
import org.junit.jupiter.api.Test;

/** The gate on made-up streams whose right answer is known. */
class AutoCorrectorTest {
  private static final int CLASSES = 10;
  private static final int FEATURES = 10;
  private static final int BATCH = 32;
  private static final int BATCHES = 60;

  /** What came of a stream: hits of the frozen model and of the gate, and the last choice. */
  private record Outcome(int frozen, int auto, List<AdaptationEvent> choices) {
    String lastChoice() {
      return choices.get(choices.size() - 1).subject();
    }
  }

  /** Runs a stream with these labels; posteriors are those of features around class centres. */
  private static Outcome run(long seed, IntUnaryOperator label) {
    UniformRandomProvider random = SeedTree.of(seed).generator();
    Adaptation auto =
        AdaptationFactory.of("auto", ConfigFactory.empty())
            .create(MethodContext.of(CLASSES, FEATURES));
    List<AdaptationEvent> choices = new ArrayList<>();
    int[] hits = new int[2];
    for (int b = 0; b < BATCHES; b++) {
      OutputBatch batch = batch(random, b, label);
      double[] answer = new double[BATCH * CLASSES];
      auto.step(batch, answer);
      choices.addAll(auto.drainEvents());
      int[] frozen = Rows.argmax(batch.probabilities(), BATCH, CLASSES);
      int[] corrected = Rows.argmax(answer, BATCH, CLASSES);
      for (int i = 0; i < BATCH; i++) {
        hits[0] += frozen[i] == batch.labels()[i] ? 1 : 0;
        hits[1] += corrected[i] == batch.labels()[i] ? 1 : 0;
      }
    }
    return new Outcome(hits[0], hits[1], choices);
  }

  private static OutputBatch batch(UniformRandomProvider random, int b, IntUnaryOperator label) {
    double[] p = new double[BATCH * CLASSES];
    double[] features = new double[BATCH * FEATURES];
    int[] labels = new int[BATCH];
    for (int i = 0; i < BATCH; i++) {
      labels[i] = label.applyAsInt(b * BATCH + i);
      for (int c = 0; c < CLASSES; c++) {
        double noise = random.nextDouble() + random.nextDouble() + random.nextDouble() - 1.5;
        double x = (c == labels[i] ? 1 : 0) + noise;
        features[i * FEATURES + c] = x;
        p[i * CLASSES + c] = Math.exp(4 * x);
      }
    }
    Rows.normalise(p, BATCH, CLASSES);
    return new OutputBatch(BATCH, CLASSES, FEATURES, p, features, labels);
  }

  private static int mixed(int i) {
    return (int) Math.floorMod(SeedTree.of(5).child(i).seed(), (long) CLASSES);
  }

  /** Nothing to correct: the frozen model speaks and its answers are untouched. */
  @Test
  void evenlyMixedLabelsAreLeftToTheFrozenModel() {
    Outcome outcome = run(1, AutoCorrectorTest::mixed);
    assertEquals("frozen", outcome.lastChoice());
    assertEquals(1, outcome.choices().size(), outcome.choices().toString());
    assertEquals(outcome.frozen(), outcome.auto());
  }

  /** Labels in runs: neighbours are trusted, and rightly. */
  @Test
  void labelsInRunsAreGivenToLame() {
    Outcome outcome = run(2, i -> i / 100 % CLASSES);
    assertEquals("lame", outcome.lastChoice());
    assertTrue(outcome.auto() > outcome.frozen() + BATCH * BATCHES / 20, outcome.toString());
  }

  /** Unequal but unordered labels: the long run's prior, not the neighbours. */
  @Test
  void unequalLabelsAreGivenToThePrior() {
    Outcome outcome = run(3, i -> mixed(i) < 7 ? 0 : mixed(i + 1_000_000));
    assertEquals("label-shift-em", outcome.lastChoice());
    assertTrue(outcome.auto() > outcome.frozen() + BATCH * BATCHES / 50, outcome.toString());
  }

  @Test
  void everyChoiceIsExplained() {
    Outcome outcome = run(4, i -> i / 100 % CLASSES);
    for (AdaptationEvent choice : outcome.choices()) {
      assertEquals(AdaptationEvent.Kind.CHOICE, choice.kind());
      assertTrue(
          choice.reason().matches("correlation [0-9.-]+, [0-9.]+ classes in a batch, shift .*"),
          choice.reason());
    }
    assertFalse(outcome.choices().isEmpty());
  }

  /** On another method: its answers where nothing is to correct, the frozen model's under shift. */
  @Test
  void onAnotherMethodItsAnswersAreTheBase() {
    assertEquals("prior-correction", lastChoiceOnPrior(AutoCorrectorTest::mixed));
    assertEquals("lame on prior-correction", lastChoiceOnPrior(i -> i / 100 % CLASSES));
    assertEquals("label-shift-em", lastChoiceOnPrior(i -> mixed(i) < 7 ? 0 : mixed(i + 1_000_000)));
  }

  private static String lastChoiceOnPrior(IntUnaryOperator label) {
    UniformRandomProvider random = SeedTree.of(6).generator();
    Adaptation gate = gate("feature-shift = 0, of { method = prior-correction }");
    Adaptation plain = gate("");
    Adaptation base = method("prior-correction", "");
    double[] answer = new double[BATCH * CLASSES];
    double[] expected = new double[BATCH * CLASSES];
    for (int b = 0; b < BATCHES; b++) {
      OutputBatch batch = batch(random, b, label);
      String choice = gate.choice().orElseThrow().method();
      gate.step(batch, answer);
      plain.step(batch, expected);
      if (choice.equals("label-shift-em")) {
        assertArrayEquals(expected, answer);
      }
      base.step(batch, expected);
      if (choice.equals("prior-correction")) {
        assertArrayEquals(expected, answer);
      }
    }
    return gate.choice().orElseThrow().method();
  }

  private static Adaptation gate(String settings) {
    return method("auto", settings);
  }

  private static Adaptation method(String name, String settings) {
    return AdaptationFactory.of(
            name,
            ConfigFactory.parseString(settings)
                .withFallback(ConfigFactory.parseString("protocol.order = predict-then-adapt")))
        .create(
            new MethodContext(
                CLASSES, FEATURES, Optional.empty(), Optional.of(source()), SeedTree.of(0)));
  }

  /** A source with as many samples of each class. */
  private static SourceStatistics source() {
    SourceStatistics source = new SourceStatistics(CLASSES, FEATURES);
    UniformRandomProvider random = SeedTree.of(8).generator();
    for (int b = 0; b < 20; b++) {
      OutputBatch batch = batch(random, b, i -> i % CLASSES);
      source.add(batch);
    }
    return source;
  }

  /** Saved in the middle and loaded into a new one, it goes on to the bit, its base included. */
  @Test
  void isSavedTogetherWithItsBase() {
    String settings = "feature-shift = 0, of { method = prior-correction }";
    UniformRandomProvider random = SeedTree.of(7).generator();
    Adaptation gate = gate(settings);
    double[] answer = new double[BATCH * CLASSES];
    for (int b = 0; b < 20; b++) {
      gate.step(batch(random, b, i -> i / 100 % CLASSES), answer);
    }
    Adaptation loaded = gate(settings);
    State.of(gate).restore(loaded);
    OutputBatch next = batch(random, 20, i -> i / 100 % CLASSES);
    double[] other = new double[BATCH * CLASSES];
    gate.step(next, answer);
    loaded.step(next, other);
    assertArrayEquals(answer, other);
    gate.reset("a test");
    assertEquals("prior-correction", gate.choice().orElseThrow().method());
  }

  /** An estimate that is held at the source's distribution sees no shift. */
  @Test
  void howTheLongRunIsEstimatedIsASetting() {
    for (String settings : new String[] {"", "long-run.strength = 1e9"}) {
      UniformRandomProvider random = SeedTree.of(6).generator();
      Adaptation gate = gate(settings);
      double[] answer = new double[BATCH * CLASSES];
      for (int b = 0; b < BATCHES; b++) {
        gate.step(batch(random, b, i -> mixed(i) < 7 ? 0 : mixed(i + 1_000_000)), answer);
      }
      String expected = settings.isEmpty() ? "label-shift-em" : "frozen";
      assertEquals(expected, gate.choice().orElseThrow().method());
    }
  }

  @Test
  void levelsMustBeInOrder() {
    SettingsException error =
        assertThrows(
            SettingsException.class,
            () ->
                AdaptationFactory.of(
                    "auto", ConfigFactory.parseString("correlated = 1, uncorrelated = 2")));
    assertTrue(error.getMessage().contains("uncorrelated"), error.getMessage());
  }
}

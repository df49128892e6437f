package io.acclimate.tta.auto;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.settings.SettingsReader;
import io.acclimate.runtime.state.State;
import io.acclimate.tta.Adaptation;
import io.acclimate.tta.AdaptationFactory;
import io.acclimate.tta.CorrectorProvider;
import io.acclimate.tta.MethodContext;
import io.acclimate.tta.OutputBatch;
import io.acclimate.tta.OutputCorrector;
import io.acclimate.tta.SourceStatistics;
import io.acclimate.tta.StatelessCorrector;
import java.util.List;
import java.util.Optional;
import org.apache.commons.rng.UniformRandomProvider;
import org.junit.jupiter.api.Test;

/** The gate on another method asks it where features are far from the source's, and only there. */
class AutoFeatureShiftTest {
  private static final int CLASSES = 4;
  private static final int BATCH = 32;
  private static final double FAR = 0.5;
  private static final String ON_PRIOR =
      "feature-shift = 1.5, of { method = prior-correction, settings { target = [0.7, 0.1, 0.1, 0.1] } }";

  private final UniformRandomProvider random = SeedTree.of(1).generator();

  /** Features around the class's unit vector, plus an offset; answers that are nearly sure. */
  private OutputBatch batch(double offset, int classes) {
    double[] p = new double[BATCH * CLASSES];
    double[] features = new double[BATCH * CLASSES];
    int[] labels = new int[BATCH];
    for (int i = 0; i < BATCH; i++) {
      labels[i] = i % classes;
      for (int c = 0; c < CLASSES; c++) {
        boolean own = c == labels[i];
        p[i * CLASSES + c] = own ? 0.997 : 0.001;
        features[i * CLASSES + c] = (own ? 1 : 0) + offset + 0.5 * (random.nextDouble() - 0.5);
      }
    }
    return new OutputBatch(BATCH, CLASSES, CLASSES, p, features, labels);
  }

  private SourceStatistics source() {
    SourceStatistics source = new SourceStatistics(CLASSES, CLASSES);
    for (int b = 0; b < 20; b++) {
      source.add(batch(0, CLASSES));
    }
    return source;
  }

  private static Adaptation gate(Optional<SourceStatistics> source) {
    return gate(ON_PRIOR, source);
  }

  private static Adaptation gate(String settings, Optional<SourceStatistics> source) {
    return AdaptationFactory.of("auto", ConfigFactory.parseString(settings))
        .create(new MethodContext(CLASSES, CLASSES, Optional.empty(), source, SeedTree.of(0)));
  }

  private static double[] step(Adaptation gate, OutputBatch batch) {
    double[] answer = new double[BATCH * CLASSES];
    gate.step(batch, answer);
    return answer;
  }

  @Test
  void otherSharesOfClassesAreNoShiftOfFeatures() {
    FeatureShift shift = new FeatureShift(source());
    assertEquals(1, shift.of(batch(0, CLASSES)), 0.2);
    assertEquals(1, shift.of(batch(0, 1)), 0.2);
    assertTrue(shift.of(batch(FAR, 1)) > 5);
    assertTrue(shift.of(batch(FAR, CLASSES)) > 5);
  }

  @Test
  void featuresThatNeverVaryDoNotCount() {
    SourceStatistics constant = new SourceStatistics(CLASSES, CLASSES);
    double[] p = new double[CLASSES];
    p[0] = 1;
    constant.add(new OutputBatch(1, CLASSES, CLASSES, p, new double[CLASSES], new int[] {0}));
    assertEquals(0, new FeatureShift(constant).of(batch(FAR, CLASSES)));
  }

  @Test
  void theOtherMethodSpeaksWhereFeaturesAreFar() {
    Adaptation gate = gate(Optional.of(source()));
    OutputBatch near = batch(0, CLASSES);
    assertArrayEquals(near.probabilities(), step(gate, near));
    assertEquals("frozen", gate.choice().orElseThrow().method());
    OutputBatch far = batch(FAR, CLASSES);
    assertNotEquals(far.probabilities()[0], step(gate, far)[0]);
    assertEquals("prior-correction", gate.choice().orElseThrow().method());
    assertTrue(gate.choice().orElseThrow().reason().contains("features"));
  }

  /** Batches that are near change nothing in the other method. */
  @Test
  void theOtherMethodLearnsWhereFeaturesAreFar() {
    String learning = "feature-shift = 1.5, of { method = prior-correction }";
    Adaptation gate = gate(learning, Optional.of(source()));
    Adaptation other = gate(learning, Optional.of(source()));
    for (int b = 0; b < 4; b++) {
      step(gate, batch(0, CLASSES));
    }
    OutputBatch far = batch(FAR, 2);
    double[] answer = step(gate, far);
    assertArrayEquals(step(other, far), answer);
    assertNotEquals(far.probabilities()[0], answer[0]);
  }

  /** Answers the first class, by features that are off the source's by something. */
  private static final class Moving extends StatelessCorrector {
    private final double off;
    private double[] features;

    Moving(double off) {
      this.off = off;
    }

    @Override
    public void predict(OutputBatch batch, double[] probabilities) {
      features = new double[BATCH * CLASSES];
      for (int i = 0; i < BATCH; i++) {
        for (int c = 0; c < CLASSES; c++) {
          probabilities[i * CLASSES + c] = c == 0 ? 1 : 0;
          features[i * CLASSES + c] = (c == 0 ? 1 : 0) + off;
        }
      }
    }

    @Override
    public Optional<double[]> features() {
      return Optional.ofNullable(features);
    }
  }

  private static AutoCorrector on(OutputCorrector base, SourceStatistics source) {
    double[] prior = MethodContext.of(CLASSES, CLASSES).sourcePrior();
    return new AutoCorrector(
        prior, defaults(), base, "moving", Optional.of(new FeatureShift(source)));
  }

  private static AutoSettings defaults() {
    var defaults = CorrectorProvider.defaults("auto");
    return AutoSettings.read(new SettingsReader(defaults, defaults, "auto"));
  }

  /** What is nearer to the source speaks; both orders of learning and answering say the same. */
  @Test
  void theOtherMethodSpeaksWhereItBringsFeaturesNearer() {
    OutputBatch far = batch(FAR, CLASSES);
    SourceStatistics source = source();
    for (double off : new double[] {0, 2 * FAR}) {
      double[] answer = new double[BATCH * CLASSES];
      AutoCorrector gate = on(new Moving(off), source);
      gate.adapt(far);
      gate.predict(far, answer);
      assertEquals(off == 0 ? 1 : far.probabilities()[0], answer[0]);
      OutputCorrector.Choice choice = gate.choice().orElseThrow();
      assertEquals(off == 0 ? "moving" : "frozen", choice.method());
      assertTrue(choice.reason().matches(".*, features [0-9.]+ from the source's, .* by moving"));
      AutoCorrector turned = on(new Moving(off), source);
      double[] same = new double[BATCH * CLASSES];
      turned.predictAndAdapt(far, same);
      assertArrayEquals(answer, same);
      assertEquals(Optional.of(choice), turned.choice());
      AutoCorrector loaded = on(new Moving(off), source);
      State.of(turned).restore(loaded);
      assertEquals(Optional.of(choice), loaded.choice());
    }
  }

  @Test
  void whatItChoseIsSaved() {
    Adaptation gate = gate(Optional.of(source()));
    step(gate, batch(FAR, CLASSES));
    Adaptation loaded = gate(Optional.of(source()));
    State.of(gate).restore(loaded);
    assertEquals(gate.choice(), loaded.choice());
    gate.reset("a test");
    assertEquals("frozen", gate.choice().orElseThrow().method());
  }

  /** What the other method resets by its own rule is told on. */
  @Test
  void resetsOfTheOtherMethodAreTold() {
    OutputCorrector resetting =
        new StatelessCorrector() {
          @Override
          public void predict(OutputBatch batch, double[] probabilities) {
            System.arraycopy(batch.probabilities(), 0, probabilities, 0, BATCH * CLASSES);
          }

          @Override
          public List<String> drainResets() {
            return List.of("a rule of its own");
          }
        };
    double[] prior = MethodContext.of(CLASSES, CLASSES).sourcePrior();
    assertEquals(
        List.of("a rule of its own"),
        new AutoCorrector(prior, defaults(), resetting, "resetting", Optional.empty())
            .drainResets());
  }

  @Test
  void theSourceIsNeeded() {
    AcclimateException error = assertThrows(AcclimateException.class, () -> gate(Optional.empty()));
    assertTrue(error.getMessage().contains("source-statistics"), error.getMessage());
  }
}

package io.acclimate.tta.guard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import io.acclimate.runtime.settings.SettingsReader;
import io.acclimate.tta.CorrectorProvider;
import io.acclimate.tta.OutputBatch;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers that all fall on one class are a collapse, however many classes there are. */
class GuardTest {
  private static final int SIZE = 40;

  private static Guard guard(int classes) {
    SettingsReader defaults =
        new SettingsReader(ConfigFactory.empty(), CorrectorProvider.defaults("none"), "");
    return new Guard(GuardSettings.read(defaults.child("guard")), classes);
  }

  /** The frozen model names the classes in turns, surely. */
  private static OutputBatch batch(int classes) {
    double[] p = new double[SIZE * classes];
    for (int k = 0; k < p.length; k++) {
      p[k] = k % classes == k / classes % classes ? 0.9 : 0.1 / (classes - 1);
    }
    return new OutputBatch(SIZE, classes, 0, p, new double[0], null);
  }

  private static Optional<String> inspect(int classes, double[] answer) {
    Guard guard = guard(classes);
    Optional<String> alarm = Optional.empty();
    for (int k = 0; k < 30 && alarm.isEmpty(); k++) {
      alarm = guard.inspect(batch(classes), answer, 0);
    }
    return alarm;
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 10, 40})
  void oneClassForAllIsAnAlarm(int classes) {
    double[] answer = new double[SIZE * classes];
    for (int k = 0; k < answer.length; k++) {
      answer[k] = k % classes == 0 ? 0.98 : 0.02 / (classes - 1);
    }
    String reason = inspect(classes, answer).orElse("none");
    assertTrue(reason.startsWith("answers fall on 1 classes"), reason);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 10, 40})
  void theFrozenAnswersAreNone(int classes) {
    assertEquals(Optional.empty(), inspect(classes, batch(classes).probabilities()));
  }

  /** Two classes that change places are a disagreement, and no collapse. */
  @Test
  void swappedClassesAreNoCollapse() {
    double[] swapped = new double[SIZE * 2];
    for (int k = 0; k < swapped.length; k++) {
      swapped[k] = 1 - batch(2).probabilities()[k];
    }
    assertEquals(Optional.empty(), inspect(2, swapped));
  }
}

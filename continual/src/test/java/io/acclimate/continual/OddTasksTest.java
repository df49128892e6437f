package io.acclimate.continual;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.commons.rng.UniformRandomProvider;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Tasks without a sample, of one sample, and whose batches are of one class: whatever a learner
 * keeps stays finite, from the first task on and in the middle.
 */
class OddTasksTest {
  private static final int CLASSES = 6;

  /** Every learner of the registry, and what some of them may host. */
  static Stream<String> learners() {
    return Stream.concat(
        LearnerProvider.registry().names().stream(),
        Stream.of(
            "conpet-static host = emar",
            "conpet-static rehearsal.ratio = 0",
            "conpet-dynamic selector-targets = tasks",
            "mos statistics.covariance = full",
            "mos statistics.covariance = diagonal",
            "mamba-fscil exemplars = 4, base-margin = 0.1",
            "hft variant = half-reset",
            "naive curriculum-share = 0.5"));
  }

  private static ContinualLearner learner(String nameAndSettings) {
    String[] parts = nameAndSettings.split(" ", 2);
    String more = parts.length > 1 ? ", " + parts[1] : "";
    return TinyStream.learner(parts[0], TinyStream.settings(parts[0]) + more);
  }

  private static LabelledBatch batch(int label, int rows, long seed) {
    UniformRandomProvider random = SeedTree.of(seed).child(label).generator();
    List<float[]> samples = new ArrayList<>();
    for (int row = 0; row < rows; row++) {
      samples.add(TinyStream.sample(label, random));
    }
    int[] labels = IntStream.generate(() -> label).limit(rows).toArray();
    return new LabelledBatch(TinyStream.inputs(samples), labels);
  }

  private static void learn(ContinualLearner learner, int classes, List<LabelledBatch> batches) {
    int known = learner.classes();
    learner.beginTask(TaskOutline.ofRange(known, known + classes, batches.size()));
    for (int epoch = 0; epoch < learner.epochs(); epoch++) {
      for (LabelledBatch batch : batches) {
        assertEquals("", learner.learn(batch).refusal());
        assertFinite(learner);
      }
    }
    learner.endTask();
    assertFinite(learner);
  }

  /** All that is kept, and the scores of a sample of every class. */
  private static void assertFinite(ContinualLearner learner) {
    LearnerStates.tensors(learner, "")
        .forEach((name, tensor) -> assertTrue(isFinite(tensor), () -> name + " " + tensor));
    double[] scores = new double[learner.classes()];
    for (int label = 0; label < CLASSES; label++) {
      learner.predict(batch(label, 1, 2).inputs(), scores);
      assertTrue(DoubleStream.of(scores).allMatch(Double::isFinite), "scores");
    }
  }

  private static boolean isFinite(Tensor tensor) {
    return IntStream.range(0, Math.toIntExact(tensor.elements()))
        .allMatch(
            i ->
                switch (tensor.type()) {
                  case FLOAT32 -> Float.isFinite(tensor.floats().get(i));
                  case FLOAT64 -> Double.isFinite(tensor.doubles().get(i));
                  default -> true;
                });
  }

  @ParameterizedTest
  @MethodSource("learners")
  void oddTasksComeFirst(String name) {
    try (ContinualLearner learner = learner(name)) {
      learn(learner, 2, List.of());
      learn(learner, 1, List.of(batch(2, 1, 1)));
      learn(learner, 1, List.of(batch(3, 2, 1)));
      learn(learner, 2, List.of(batch(4, 2, 1), batch(5, 2, 1)));
      assertEquals(CLASSES, learner.classes());
    }
  }

  @ParameterizedTest
  @MethodSource("learners")
  void oddTasksComeInTheMiddle(String name) {
    try (ContinualLearner learner = learner(name)) {
      learn(learner, 2, TinyStream.batches(0, 1));
      learn(learner, 1, List.of(batch(2, 1, 1)));
      learn(learner, 1, List.of());
      learn(learner, 2, List.of(batch(4, 2, 1), batch(5, 2, 1)));
      assertEquals(4, learner.tasks());
    }
  }
}

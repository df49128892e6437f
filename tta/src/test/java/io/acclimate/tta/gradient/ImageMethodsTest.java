package io.acclimate.tta.gradient;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import com.typesafe.config.ConfigFactory;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.state.State;
import io.acclimate.tta.Adaptation;
import io.acclimate.tta.AdaptationFactory;
import io.acclimate.tta.DifferentiableModel;
import io.acclimate.tta.MethodContext;
import io.acclimate.tta.OutputBatch;
import java.util.Arrays;
import java.util.Optional;
import org.apache.commons.rng.UniformRandomProvider;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Methods that make changed copies of images, on a network with batch normalisation. */
class ImageMethodsTest {
  private static final int CLASSES = 4;
  private static final DifferentiableModel MODEL = Networks.withBatchNorm(1, 8, CLASSES);

  private static Adaptation create(String method, String settings, long seed) {
    MethodContext context =
        new MethodContext(
            CLASSES,
            0,
            Optional.empty(),
            Optional.empty(),
            SeedTree.of(seed),
            Optional.of(MODEL),
            Optional.empty(),
            Optional.empty());
    return AdaptationFactory.of(method, ConfigFactory.parseString(settings)).create(context);
  }

  private static OutputBatch batch(long seed, int rows) {
    UniformRandomProvider random = SeedTree.of(seed).generator();
    Tensor images = Tensor.allocate(DType.FLOAT32, rows, 1, 8, 8);
    for (int i = 0; i < images.elements(); i++) {
      images.floats().put(i, random.nextFloat());
    }
    double[] unsure = new double[rows * CLASSES];
    Arrays.fill(unsure, 1.0 / CLASSES);
    return new OutputBatch(rows, CLASSES, 0, unsure, new double[0], null, images);
  }

  /** The statistics of a batch are its own: what is learned on beside it does not enter them. */
  @ParameterizedTest
  @CsvSource({
    "tent, ''",
    "cotta, 'confidence = 1, augmentations = 3'",
    "rotta, 'update-every = 8, capacity = 12'",
    "roid, ''"
  })
  void answeringWhileLearningIsAnswering(String method, String settings) {
    String first = "protocol.order = predict-then-adapt, guard.disagreement = 1\n" + settings;
    try (Adaptation adaptation = create(method, first, 1)) {
      for (int step = 0; step < 3; step++) {
        OutputBatch batch = batch(10 + step, 12);
        double[] predicted = new double[batch.size() * CLASSES];
        double[] answered = predicted.clone();
        adaptation.predict(batch, predicted);
        adaptation.step(batch, answered);
        assertArrayEquals(predicted, answered, 1e-5);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "cotta, 'confidence = 1, augmentations = 3, guard.disagreement = 1'",
    "rotta, 'update-every = 8, capacity = 12, guard.disagreement = 1'",
    "roid, 'guard.disagreement = 1'"
  })
  void drawsGoOnAfterASave(String method, String settings) {
    try (Adaptation uninterrupted = create(method, settings, 1);
        Adaptation resumed = create(method, settings, 1);
        Adaptation other = create(method, settings, 2)) {
      for (int step = 0; step < 4; step++) {
        OutputBatch batch = batch(step, step == 2 ? 5 : 12);
        double[] first = new double[batch.size() * CLASSES];
        double[] again = first.clone();
        uninterrupted.predict(batch, first);
        uninterrupted.predict(batch, again);
        assertArrayEquals(first, again, 0.0);
        State.fromBytes(State.of(uninterrupted).toBytes()).restore(resumed);
        uninterrupted.step(batch, first);
        resumed.step(batch, again);
        other.step(batch, new double[first.length]);
        assertArrayEquals(first, again, 0.0);
        assertEquals(State.of(uninterrupted).sha256(), State.of(resumed).sha256());
      }
      assertNotEquals(State.of(other).sha256(), State.of(uninterrupted).sha256());
    }
  }
}

package io.acclimate.tta.blackbox;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.FrozenModel;
import io.acclimate.runtime.LinearHead;
import io.acclimate.runtime.Rows;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.method.MethodDescriptor;
import io.acclimate.runtime.method.SourceNeed;
import io.acclimate.runtime.state.State;
import io.acclimate.tta.Adaptation;
import io.acclimate.tta.AdaptationFactory;
import io.acclimate.tta.CorrectorFactory;
import io.acclimate.tta.CorrectorProvider;
import io.acclimate.tta.ForwardModel;
import io.acclimate.tta.ForwardRunner;
import io.acclimate.tta.MethodContext;
import io.acclimate.tta.OutputBatch;
import io.acclimate.tta.OutputCorrector;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.commons.rng.UniformRandomProvider;
import org.junit.jupiter.api.Test;

class ForwardMethodsTest {
  private static final int CLASSES = 3;
  private static final int SIZE = 40;

  /** Images of 2 x 4 in [0, 0.6], brighter by an offset. */
  private static Tensor images(long seed, double brighter) {
    UniformRandomProvider random = SeedTree.of(seed).generator();
    float[] values = new float[SIZE * 8];
    for (int k = 0; k < values.length; k++) {
      values[k] = (float) (0.6 * random.nextDouble() + brighter);
    }
    return Tensor.ofFloats(values, SIZE, 1, 2, 4);
  }

  private static OutputBatch batch(ForwardRunner frozen, Tensor images, int[] labels) {
    OutputBatch answer = frozen.run(images);
    return new OutputBatch(
        SIZE,
        CLASSES,
        answer.featureSize(),
        answer.probabilities().clone(),
        answer.features().clone(),
        labels,
        images);
  }

  private static MethodContext context(FrozenModel model) {
    return ForwardNetworks.context(model, CLASSES, images(1, 0), new int[SIZE]);
  }

  private static Adaptation create(String method, String settings, MethodContext context) {
    return AdaptationFactory.of(method, ConfigFactory.parseString(settings)).create(context);
  }

  /** A stream that is brighter than the source: an offset is found that undoes much of it. */
  @Test
  void foaLowersTheFitnessOfAShiftedStream() {
    try (FrozenModel model = ForwardNetworks.open(CLASSES, 1, 2, 4);
        ForwardRunner frozen =
            new ForwardModel(model, "logits", Optional.of("features")).newRunner()) {
      MethodContext context = context(model);
      String settings = "feature-weight = 1000, activation-shift = 0, radius = 0.1, grid = 1";
      StreamFitness fitness = StreamFitness.of(context, 1000);
      FoaSettings read = FoaSettings.read(Settings.of("foa", settings));
      try (Foa foa = new Foa(context, read)) {
        for (int k = 0; k < 15; k++) {
          foa.adapt(batch(frozen, images(100 + k, 0.3), null));
        }
        Tensor seen = images(9, 0.3);
        double plain = fitness.of(frozen.run(seen));
        OutputBatch batch = batch(frozen, seen, null);
        double[] answer = new double[SIZE * CLASSES];
        foa.predict(batch, answer);
        double[] undone = new double[SIZE * CLASSES];
        System.arraycopy(frozen.run(images(9, 0)).probabilities(), 0, undone, 0, undone.length);
        assertTrue(fitness.of(frozen.run(images(9, 0))) < plain, "the shift costs fitness");
        assertTrue(
            distance(answer, undone) < 0.5 * distance(batch.probabilities(), undone),
            "the answer comes nearer to that of the unshifted images");
      }
    }
  }

  /** The head's answer for the features that a method tells is the answer that it gave. */
  @Test
  void theFeaturesAreThoseOfTheAnswer() {
    try (FrozenModel model = ForwardNetworks.open(CLASSES, 1, 2, 4);
        ForwardRunner frozen =
            new ForwardModel(model, "logits", Optional.of("features")).newRunner()) {
      MethodContext context = context(model);
      LinearHead head = context.head().orElseThrow();
      for (String name : List.of("foa", "blackvip")) {
        CorrectorFactory factory =
            CorrectorProvider.registry().require(name).read(Settings.of(name, ""));
        try (OutputCorrector method = factory.create(context)) {
          assertEquals(Optional.empty(), method.features(), name);
          OutputBatch batch = batch(frozen, images(7, 0.3), null);
          method.adapt(batch);
          double[] answer = new double[SIZE * CLASSES];
          method.predict(batch, answer);
          double[] features = method.features().orElseThrow();
          assertFalse(Arrays.equals(batch.features(), features), name);
          assertArrayEquals(answer(head, features), answer, 1e-6, name);
        }
      }
    }
  }

  private static double[] answer(LinearHead head, double[] features) {
    int size = features.length / SIZE;
    double[] answer = new double[SIZE * CLASSES];
    for (int k = 0; k < answer.length; k++) {
      answer[k] = head.bias()[k % CLASSES];
      for (int f = 0; f < size; f++) {
        answer[k] += head.weights()[k % CLASSES * size + f] * features[k / CLASSES * size + f];
      }
    }
    Rows.softmax(answer, SIZE, CLASSES);
    return answer;
  }

  /** A candidate is judged before its features are shifted, so the search is the same without. */
  @Test
  void foaJudgesUnshiftedFeatures() {
    try (FrozenModel model = ForwardNetworks.open(CLASSES, 1, 2, 4);
        ForwardRunner frozen =
            new ForwardModel(model, "logits", Optional.of("features")).newRunner()) {
      List<String> searches = new ArrayList<>();
      for (String shift : List.of("activation-shift = 0", "activation-shift = 5")) {
        FoaSettings settings = FoaSettings.read(Settings.of("foa", shift));
        try (Foa foa = new Foa(context(model), settings)) {
          for (int k = 0; k < 4; k++) {
            foa.adapt(batch(frozen, images(100 + k, 0.3), null));
          }
          searches.add(State.of(foa.search()).sha256());
        }
      }
      assertEquals(searches.get(0), searches.get(1));
    }
  }

  /** The shift follows the features under all candidates, not those of the plain or best input. */
  @Test
  void foaShiftsByTheMeanOverAllCandidates() {
    try (FrozenModel model = ForwardNetworks.open(CLASSES, 1, 2, 4);
        ForwardRunner frozen =
            new ForwardModel(model, "logits", Optional.of("features")).newRunner()) {
      FoaSettings settings =
          FoaSettings.read(Settings.of("foa", "population = 4, radius = 0.5, grid = 0"));
      MethodContext context = context(model);
      try (Foa foa = new Foa(context, settings)) {
        OutputBatch batch = batch(frozen, images(7, 0), null);
        SeparableCmaEs search = new SeparableCmaEs(8, 4, 0.5, context.seeds().child("foa"));
        double[] mean = means(batch);
        InputOffset input = new InputOffset(model.singleInput(), settings.range());
        for (double[] candidate : search.sample()) {
          double[] features = means(frozen.run(input.add(batch.input(), candidate)));
          Arrays.setAll(mean, f -> mean[f] + features[f]);
        }
        Arrays.setAll(mean, f -> mean[f] / 5);
        foa.adapt(batch);
        double[] followed = foa.shift().orElseThrow().recent();
        assertArrayEquals(mean, followed, 1e-12);
      }
    }
  }

  private static double[] means(OutputBatch batch) {
    double[] means = new double[batch.featureSize()];
    for (int k = 0; k < batch.features().length; k++) {
      means[k % means.length] += batch.features()[k] / batch.size();
    }
    return means;
  }

  private static double distance(double[] a, double[] b) {
    double sum = 0;
    for (int k = 0; k < a.length; k++) {
      sum += Math.abs(a[k] - b[k]);
    }
    return sum;
  }

  /** With labels the coordinator lowers the cross-entropy; without them it learns nothing. */
  @Test
  void blackVipLearnsFromLabels() {
    try (FrozenModel model = ForwardNetworks.open(CLASSES, 1, 2, 4);
        ForwardRunner frozen =
            new ForwardModel(model, "logits", Optional.of("features")).newRunner()) {
      String settings = "objective = labels, spsa { rate = 0.05 }, guard.disagreement = 1";
      try (Adaptation method = create("blackvip", settings, context(model))) {
        int[] labels = new int[SIZE];
        Arrays.fill(labels, 1);
        OutputBatch labelled = batch(frozen, images(5, 0), labels);
        OutputBatch plain = batch(frozen, images(5, 0), null);
        double[] answer = new double[SIZE * CLASSES];
        method.step(plain, answer);
        method.predict(plain, answer);
        assertArrayEquals(plain.probabilities(), answer, 1e-12);
        double first = meanOf(answer, 1);
        for (int k = 0; k < 80; k++) {
          method.step(labelled, answer);
        }
        assertTrue(meanOf(answer, 1) > first + 0.1, "from " + first + " to " + meanOf(answer, 1));
      }
    }
  }

  private static double meanOf(double[] answer, int label) {
    double sum = 0;
    for (int i = 0; i < SIZE; i++) {
      sum += answer[i * CLASSES + label] / SIZE;
    }
    return sum;
  }

  /** What is not used is not needed; a quantised file is adapted. */
  @Test
  void needsFollowTheSettings() {
    MethodDescriptor full = AdaptationFactory.of("foa", ConfigFactory.empty()).descriptor();
    assertTrue(full.needs(SourceNeed.HEAD) && full.needs(SourceNeed.STATISTICS));
    String plain =
        "feature-weight = 0, activation-shift = 0, grid = 0, radius = 0.5, protocol.window = 1";
    MethodDescriptor bare =
        AdaptationFactory.of("foa", ConfigFactory.parseString(plain)).descriptor();
    assertTrue(bare.sources().isEmpty() && !bare.needsFeatures() && bare.runsModel());
    assertFalse(bare.needsGradients());
    MethodDescriptor supervised =
        AdaptationFactory.of("blackvip", ConfigFactory.parseString("objective = labels"))
            .descriptor();
    assertTrue(supervised.needsLabels());
    assertThrows(
        AcclimateException.class,
        () ->
            AdaptationFactory.of(
                "blackvip",
                ConfigFactory.parseString(
                    "objective = labels, protocol.order = adapt-then-predict")));
    try (FrozenModel quantized = QuantizedNetwork.open(4, CLASSES)) {
      ForwardModel forward = new ForwardModel(quantized, "logits", Optional.empty());
      MethodContext context =
          new MethodContext(
              CLASSES,
              0,
              Optional.empty(),
              Optional.empty(),
              SeedTree.of(1),
              Optional.empty(),
              Optional.empty(),
              Optional.empty(),
              Optional.empty(),
              Optional.of(forward));
      try (Adaptation method = create("foa", plain, context);
          ForwardRunner frozen = forward.newRunner()) {
        Tensor input = Tensor.ofFloats(new float[] {1, 0, .5f, 0, 0, 1, 0, .25f}, 2, 4);
        double[] p = frozen.run(input).probabilities().clone();
        double[] answer = new double[2 * CLASSES];
        method.step(new OutputBatch(2, CLASSES, 0, p, new double[0], null, input), answer);
        assertFalse(Arrays.equals(p, answer));
        assertEquals(2, Arrays.stream(answer).sum(), 1e-9);
      }
    }
  }

  @Test
  void aModelThatGivesTooLittleIsRefused() {
    try (FrozenModel flat = ForwardNetworks.open(CLASSES, 8)) {
      MethodContext context =
          ForwardNetworks.context(flat, CLASSES, images(1, 0).view(0, SIZE, 8), new int[SIZE]);
      AcclimateException refused =
          assertThrows(AcclimateException.class, () -> create("blackvip", "", context));
      assertTrue(refused.getMessage().contains("model of images"), refused.getMessage());
      refused =
          assertThrows(
              AcclimateException.class, () -> create("foa", "", MethodContext.of(CLASSES, 8)));
      assertTrue(refused.getMessage().contains("head"), refused.getMessage());
    }
  }

  /** 14 x 10 from a map of 7 x 5: one doubling, all of it the last layer. */
  @Test
  void decoderPaintsNothingAtFirstAndEveryPixelLater() {
    int[] image = {2, 14, 10};
    PromptDecoder small = new PromptDecoder(3, image, 2);
    assertEquals(2 * 35 - 3 + 4 * 2 * 2 + 2, small.weights());
    int[] large = {1, 28, 27};
    PromptDecoder decoder = new PromptDecoder(96, large, 4);
    double[] weights = decoder.start(SeedTree.of(3));
    double[] target = new double[28 * 27];
    double[] features = new double[96];
    Arrays.fill(features, 0.5);
    decoder.decode(weights, features, 0, target, 0);
    assertArrayEquals(new double[target.length], target, 0.0);
    for (int k = weights.length - 17; k < weights.length; k++) {
      weights[k] = 0.1 * (k % 5) + 0.05;
    }
    decoder.decode(weights, features, 0, target, 0);
    assertTrue(Arrays.stream(target).allMatch(value -> value != 0 && Double.isFinite(value)));
    double[] other = target.clone();
    features[4] = 2;
    decoder.decode(weights, features, 0, other, 0);
    assertNotEquals(0, distance(target, other));
  }

  @Test
  void coarseFieldIsBilinear() {
    CoarseField field = new CoarseField(new int[] {1, 4, 4}, 2);
    double[] target = new double[16];
    field.write(new double[] {0, 1, 2, 3}, target);
    assertArrayEquals(new double[] {0, 0.25, 0.75, 1}, Arrays.copyOf(target, 4), 1e-12);
    assertArrayEquals(new double[] {2, 2.25, 2.75, 3}, Arrays.copyOfRange(target, 12, 16), 1e-12);
    new CoarseField(new int[] {1, 4, 4}, 1).write(new double[] {0.3}, target);
    assertTrue(Arrays.stream(target).allMatch(value -> value == 0.3));
  }

  @Test
  void offsetsStayInTheRange() {
    try (FrozenModel model = ForwardNetworks.open(CLASSES, 1, 2, 4)) {
      InputOffset input = new InputOffset(model.singleInput(), new PixelRange(0, 1));
      Tensor batch = Tensor.ofFloats(new float[] {0.9f, 0.1f, 3, -2, 0.5f, 0, 1, 0.2f}, 1, 1, 2, 4);
      double[] up = new double[8];
      Arrays.fill(up, 0.5);
      assertArrayEquals(
          new float[] {1, 0.6f, 3, -1.5f, 1, 0.5f, 1, 0.7f},
          input.add(batch, up).toFloatArray(),
          1e-6f);
      assertTrue(input.add(batch, new double[8]).contentEquals(batch));
    }
  }

  /** The shift is the source's mean less the average, through the head. */
  @Test
  void activationShiftMovesTheLogits() {
    LinearHead head = new LinearHead(2, 2, new float[] {1, 0, 0, 2}, new float[] {0, 0.5f});
    ActivationShift shift = new ActivationShift(head, new double[] {1, 1}, 0.5, 0.9);
    OutputBatch batch =
        new OutputBatch(1, 2, 2, new double[] {0.5, 0.5}, new double[] {0.2, 0.4}, null);
    assertArrayEquals(batch.probabilities(), shift.apply(batch).probabilities(), 0.0);
    shift.follow(new double[] {0, 3});
    shift.follow(new double[] {10, 3});
    double first = 0.2 + 0.5 * (1 - 1); // the average is 0.9 * 0 + 0.1 * 10
    double second = 2 * (0.4 + 0.5 * (1 - 3)) + 0.5;
    double p = 1 / (1 + Math.exp(second - first));
    assertEquals(p, shift.apply(batch).probabilities()[0], 1e-6);
  }
}

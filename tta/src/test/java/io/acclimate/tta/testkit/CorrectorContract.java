package io.acclimate.tta.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.LinearHead;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.method.MethodDescriptor;
import io.acclimate.runtime.settings.SettingsReader;
import io.acclimate.runtime.state.State;
import io.acclimate.runtime.state.StateReader;
import io.acclimate.runtime.state.StateWriter;
import io.acclimate.runtime.state.Stateful;
import io.acclimate.tta.Adaptation;
import io.acclimate.tta.AdaptationEvent;
import io.acclimate.tta.AdaptationFactory;
import io.acclimate.tta.CorrectorFactory;
import io.acclimate.tta.CorrectorProvider;
import io.acclimate.tta.MethodContext;
import io.acclimate.tta.OutputBatch;
import io.acclimate.tta.OutputCorrector;
import io.acclimate.tta.SourceStatistics;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.commons.rng.UniformRandomProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * What every registered corrector keeps, under its protocol and guard. A subclass names the method
 * and may give settings; its jar registers the provider as a service.
 */
public abstract class CorrectorContract {
  /** The number of classes of the streams. */
  protected static final int CLASSES = 5;

  /** The number of features of the streams. */
  protected static final int FEATURES = 8;

  private static final int[] SIZES = {16, 16, 1, 7, 16, 3, 1, 1, 16, 16};

  /** The registered name. */
  protected abstract String method();

  /** Settings over the defaults. */
  protected Config settings() {
    return ConfigFactory.empty();
  }

  /** What the method may know: a head, statistics of the source, a seed. */
  protected MethodContext context() {
    UniformRandomProvider random = SeedTree.of(77).generator();
    float[] weights = new float[CLASSES * FEATURES];
    for (int k = 0; k < weights.length; k++) {
      weights[k] = (k % FEATURES) % CLASSES == k / FEATURES ? 1 + random.nextFloat() : 0;
    }
    SourceStatistics source = new SourceStatistics(CLASSES, FEATURES);
    Batches.stream(78, CLASSES, FEATURES, 64).forEach(source::add);
    return new MethodContext(
        CLASSES,
        FEATURES,
        Optional.of(new LinearHead(CLASSES, FEATURES, weights, new float[CLASSES])),
        Optional.of(source),
        SeedTree.of(79));
  }

  /** The shape in which the {@value #FEATURES} numbers of a sample enter the model. */
  protected long[] sampleShape() {
    return new long[] {FEATURES};
  }

  private List<OutputBatch> batches(long seed, int... sizes) {
    return Batches.stream(seed, CLASSES, FEATURES, sizes).stream().map(this::shaped).toList();
  }

  private OutputBatch shaped(OutputBatch batch) {
    long[] shape = new long[sampleShape().length + 1];
    shape[0] = batch.size();
    System.arraycopy(sampleShape(), 0, shape, 1, shape.length - 1);
    return new OutputBatch(
        batch.size(),
        CLASSES,
        FEATURES,
        batch.probabilities(),
        batch.features(),
        batch.labels(),
        batch.input().view(0, shape));
  }

  private final List<Adaptation> made = new ArrayList<>();

  private Adaptation newMethod() {
    Adaptation method = AdaptationFactory.of(method(), settings()).create(context());
    made.add(method);
    return method;
  }

  @AfterEach
  void free() {
    made.forEach(Adaptation::close);
  }

  private List<OutputBatch> stream(long seed) {
    return batches(seed, SIZES);
  }

  private static double[] step(Adaptation adaptation, OutputBatch batch) {
    double[] answer = new double[batch.size() * CLASSES];
    adaptation.step(batch, answer);
    return answer;
  }

  private static double[] predict(Adaptation adaptation, OutputBatch batch) {
    double[] answer = new double[batch.size() * CLASSES];
    adaptation.predict(batch, answer);
    return answer;
  }

  @Test
  void nameAndDefaultsAreSound() {
    AdaptationFactory factory = AdaptationFactory.of(method(), settings());
    assertEquals(method(), factory.descriptor().name());
    assertTrue(method().matches("[a-z0-9]+(-[a-z0-9]+)*"), method());
    assertTrue(factory.descriptor().forwardsPerBatch() >= 1);
  }

  @Test
  void answersAreProbabilities() {
    Adaptation adaptation = newMethod();
    for (OutputBatch batch : stream(1)) {
      double[] answer = step(adaptation, batch);
      for (int i = 0; i < batch.size(); i++) {
        double sum = 0;
        for (int c = 0; c < CLASSES; c++) {
          double p = answer[i * CLASSES + c];
          assertTrue(p >= 0 && p <= 1 + 1e-12, "probability " + p);
          sum += p;
        }
        assertEquals(1, sum, 1e-9);
      }
    }
    assertTrue(
        adaptation.drainEvents().stream().allMatch(e -> e.kind() == AdaptationEvent.Kind.CHOICE),
        "resets");
  }

  /** Predicting is not learning: neither the state nor a later answer moves. */
  @Test
  void predictLearnsNothing() {
    Adaptation adaptation = newMethod();
    List<OutputBatch> others = stream(3);
    for (OutputBatch batch : stream(2)) {
      step(adaptation, batch);
      String before = State.of(adaptation).sha256();
      double[] first = predict(adaptation, batch);
      others.forEach(other -> predict(adaptation, other));
      assertArrayEquals(first, predict(adaptation, batch), 0.0);
      assertEquals(before, State.of(adaptation).sha256());
    }
  }

  @Test
  void batchesAreNotChanged() {
    Adaptation adaptation = newMethod();
    for (OutputBatch batch : stream(4)) {
      double[] probabilities = batch.probabilities().clone();
      double[] features = batch.features().clone();
      step(adaptation, batch);
      assertArrayEquals(probabilities, batch.probabilities(), 0.0);
      assertArrayEquals(features, batch.features(), 0.0);
    }
  }

  @Test
  void equalSeedsGiveEqualBits() {
    Adaptation one = newMethod();
    Adaptation two = newMethod();
    for (OutputBatch batch : stream(5)) {
      assertArrayEquals(step(one, batch), step(two, batch), 0.0);
    }
    assertEquals(State.of(one), State.of(two));
  }

  @Test
  void resetEqualsNew() {
    Adaptation used = newMethod();
    stream(6).forEach(batch -> step(used, batch));
    used.reset("test");
    Adaptation fresh = newMethod();
    assertEquals(State.of(fresh).sha256(), State.of(used).sha256());
    for (OutputBatch batch : stream(7)) {
      assertArrayEquals(step(fresh, batch), step(used, batch), 0.0);
    }
  }

  /** Saved, written, read and loaded at every place, the method goes on with the same bits. */
  @Test
  void saveAndLoadGoOnWithTheSameBits() {
    Adaptation uninterrupted = newMethod();
    Adaptation resumed = newMethod();
    for (OutputBatch batch : stream(8)) {
      Adaptation next = newMethod();
      State.fromBytes(State.of(resumed).toBytes()).restore(next);
      resumed.close();
      resumed = next;
      assertArrayEquals(step(uninterrupted, batch), step(resumed, batch), 0.0);
      assertEquals(State.of(uninterrupted).sha256(), State.of(resumed).sha256());
    }
  }

  @Test
  void strangeStateIsRefusedAndChangesNothing() {
    Adaptation adaptation = newMethod();
    stream(9).forEach(batch -> step(adaptation, batch));
    String before = State.of(adaptation).sha256();
    State strange = State.of(new Stranger());
    assertThrows(AcclimateException.class, () -> strange.restore(adaptation));
    assertEquals(before, State.of(adaptation).sha256());
  }

  private static final class Stranger implements Stateful {
    @Override
    public void save(StateWriter out) {
      out.putText("who", "a stranger");
    }

    @Override
    public void load(StateReader in) {
      in.getText("who");
    }
  }

  @Test
  void batchesOfOneAreAnswered() {
    Adaptation adaptation = newMethod();
    int[] ones = new int[40];
    Arrays.fill(ones, 1);
    for (OutputBatch batch : batches(10, ones)) {
      double[] answer = step(adaptation, batch);
      assertEquals(1, Arrays.stream(answer).sum(), 1e-9);
    }
  }

  /** Answering while learning is answering and then learning, to the bit of the state. */
  @Test
  void answeringWhileLearningIsAnsweringAndThenLearning() {
    try (OutputCorrector together = newCorrector();
        OutputCorrector apart = newCorrector()) {
      for (OutputBatch batch : batches(12, 64, 64, 9)) {
        double[] one = new double[batch.size() * CLASSES];
        double[] two = new double[batch.size() * CLASSES];
        together.predictAndAdapt(batch, one);
        apart.predict(batch, two);
        apart.adapt(batch);
        assertArrayEquals(two, one, 1e-5);
        assertEquals(State.of(apart).sha256(), State.of(together).sha256());
      }
    }
  }

  /** The method by itself, without protocol, guard and what it sits on. */
  private OutputCorrector newCorrector() {
    SettingsReader reader =
        new SettingsReader(settings(), CorrectorProvider.defaults(method()), method());
    CorrectorFactory factory = CorrectorProvider.registry().require(method()).read(reader);
    reader.throwIfAny(method());
    return factory.create(context());
  }

  /** A batch of other sizes than the model's, or without what the method needs of it. */
  @Test
  void batchesThatDoNotFitAreRefusedAndChangeNothing() {
    Adaptation adaptation = newMethod();
    stream(13).forEach(batch -> step(adaptation, batch));
    String before = State.of(adaptation).sha256();
    MethodDescriptor needs = AdaptationFactory.of(method(), settings()).descriptor();
    List<OutputBatch> strange = new ArrayList<>(Batches.stream(14, CLASSES - 1, FEATURES, 16));
    strange.addAll(Batches.stream(15, CLASSES + 1, FEATURES, 16));
    if (needs.needsFeatures()) {
      strange.addAll(Batches.stream(16, CLASSES, FEATURES - 1, 16));
    }
    if (needs.runsModel()) {
      OutputBatch whole = batches(17, 16).get(0);
      strange.add(
          new OutputBatch(16, CLASSES, FEATURES, whole.probabilities(), whole.features(), null));
    }
    for (OutputBatch batch : strange) {
      double[] answer = new double[batch.size() * (CLASSES + 1)];
      assertThrows(AcclimateException.class, () -> adaptation.predict(batch, answer));
      assertThrows(AcclimateException.class, () -> adaptation.step(batch, answer));
      assertEquals(before, State.of(adaptation).sha256());
    }
  }

  /** A model that is certain, samples that coincide, features that are 0. */
  @Test
  void extremeBatchesGiveFiniteAnswers() {
    Adaptation adaptation = newMethod();
    int n = 12;
    double[] certain = new double[n * CLASSES];
    for (int i = 0; i < n; i++) {
      certain[i * CLASSES + i % 2] = 1;
    }
    double[] same = new double[n * FEATURES];
    Arrays.fill(same, 3);
    for (double[] features : List.of(new double[n * FEATURES], same)) {
      for (int round = 0; round < 3; round++) {
        double[] answer =
            step(
                adaptation,
                shaped(Batches.of(n, CLASSES, FEATURES, certain, features, new int[n])));
        assertFalse(Arrays.stream(answer).anyMatch(p -> !(p >= 0 && p <= 1 + 1e-9)));
      }
    }
  }

  /** Samples one by one in a window: the answers are sound and the method can go on from a save. */
  @Test
  void windowOfSingleSamplesResumes() {
    Config windowed = ConfigFactory.parseString("protocol.window = 6").withFallback(settings());
    AdaptationFactory factory = AdaptationFactory.of(method(), windowed);
    Adaptation uninterrupted = factory.create(context());
    Adaptation resumed = factory.create(context());
    int[] ones = new int[20];
    Arrays.fill(ones, 1);
    for (OutputBatch labelled : batches(11, ones)) {
      Adaptation next = factory.create(context());
      State.of(resumed).restore(next);
      resumed.close();
      resumed = next;
      double[] answer = step(uninterrupted, labelled);
      assertEquals(1, Arrays.stream(answer).sum(), 1e-9);
      assertArrayEquals(answer, step(resumed, labelled), 0.0);
    }
  }
}

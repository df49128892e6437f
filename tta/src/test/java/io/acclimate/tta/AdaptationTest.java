package io.acclimate.tta;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.Rows;
import io.acclimate.runtime.settings.SettingsException;
import io.acclimate.runtime.settings.SettingsReader;
import io.acclimate.runtime.state.State;
import io.acclimate.runtime.state.StateReader;
import io.acclimate.runtime.state.StateWriter;
import io.acclimate.tta.guard.GuardSettings;
import io.acclimate.tta.testkit.Batches;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * What {@link Adaptation} does with protocols, windows and alarms, seen through a method's eyes.
 */
class AdaptationTest {
  private static final int CLASSES = 4;

  /** Counts its updates, writes down what it is asked, and can be told to collapse. */
  private static final class Recorder implements OutputCorrector {
    private final List<String> calls = new ArrayList<>();
    private int updates;
    private boolean collapsed;
    private double distance;

    @Override
    public void predict(OutputBatch batch, double[] probabilities) {
      calls.add("predict " + batch.size());
      System.arraycopy(batch.probabilities(), 0, probabilities, 0, batch.size() * CLASSES);
      if (collapsed) {
        for (int k = 0; k < batch.size() * CLASSES; k++) {
          probabilities[k] = k % CLASSES == 0 ? 1 : 0;
        }
      }
    }

    @Override
    public void adapt(OutputBatch batch) {
      calls.add("adapt " + batch.size());
      updates++;
    }

    @Override
    public void reset() {
      calls.add("reset");
      updates = 0;
      collapsed = false;
      distance = 0;
    }

    @Override
    public double distanceToSource() {
      return distance;
    }

    @Override
    public void save(StateWriter out) {
      out.putInt("updates", updates);
    }

    @Override
    public void load(StateReader in) {
      updates = in.getInt("updates");
      collapsed = false;
      distance = 0;
    }
  }

  private final Recorder method = new Recorder();

  private Adaptation adaptation(String protocol, String guard) {
    var defaults = CorrectorProvider.defaults("none");
    SettingsReader reader =
        new SettingsReader(
            ConfigFactory.parseString("protocol {" + protocol + "}, guard {" + guard + "}"),
            defaults,
            "");
    Protocol read = Protocol.read(reader.child("protocol"));
    GuardSettings guardSettings = GuardSettings.read(reader.child("guard"));
    reader.throwIfAny("test");
    return new Adaptation(method, read, guardSettings, new BatchForm(CLASSES, 0, false));
  }

  private static List<OutputBatch> stream(int size, int count) {
    return Batches.stream(1, CLASSES, 3, IntStream.generate(() -> size).limit(count).toArray());
  }

  private List<AdaptationEvent> run(Adaptation adaptation, List<OutputBatch> batches) {
    List<AdaptationEvent> events = new ArrayList<>();
    for (OutputBatch batch : batches) {
      adaptation.step(batch, new double[batch.size() * CLASSES]);
      events.addAll(adaptation.drainEvents());
    }
    return events;
  }

  @Test
  void orderAndStepsAreThoseOfTheProtocol() {
    run(adaptation("order = predict-then-adapt, steps = 2", ""), stream(5, 1));
    assertEquals(List.of("predict 5", "adapt 5", "adapt 5"), method.calls);
    method.calls.clear();
    run(adaptation("order = adapt-then-predict", ""), stream(5, 1));
    assertEquals(List.of("adapt 5", "predict 5"), method.calls);
  }

  @Test
  void episodicAndPeriodicProtocolsForget() {
    run(adaptation("reset = each-batch", ""), stream(5, 3));
    assertEquals(1, method.updates);
    List<AdaptationEvent> events =
        run(adaptation("reset = periodic, reset-after = 2", ""), stream(5, 5));
    assertEquals(2, events.size());
    assertTrue(events.get(0).reason().contains("2 batches"), events.toString());
    assertEquals(1, method.updates);
  }

  @Test
  void onlineProtocolForgetsWhereADomainBegins() {
    Adaptation online = adaptation("reset = each-domain", "");
    run(online, stream(5, 3));
    online.beginDomain();
    assertEquals(0, method.updates);
    assertEquals(1, online.drainEvents().size());
    Adaptation continual = adaptation("", "");
    run(continual, stream(5, 3));
    continual.beginDomain();
    assertEquals(3, method.updates);
  }

  /** Single samples are shown with those before them and learned from when the window is new. */
  @Test
  void windowGathersSmallBatches() {
    run(adaptation("window = 3", ""), stream(1, 7));
    assertEquals(2, method.updates);
    assertEquals(
        List.of("predict 1", "predict 2", "adapt 3", "predict 3", "predict 3"),
        method.calls.subList(0, 5));
    method.calls.clear();
    run(adaptation("window = 3", ""), stream(4, 2));
    assertEquals(List.of("adapt 4", "predict 4", "adapt 4", "predict 4"), method.calls);
  }

  /** The answer of a windowed batch is that of its own samples, the latest of the window. */
  @Test
  void windowAnswersForTheNewSamples() {
    Adaptation windowed = adaptation("window = 8", "");
    for (OutputBatch batch : stream(3, 6)) {
      double[] answer = new double[3 * CLASSES];
      windowed.step(batch, answer);
      assertArrayEquals(batch.probabilities(), answer, 0.0);
    }
  }

  @Test
  void collapseLeadsBackToTheLastGoodState() {
    Adaptation guarded = adaptation("", "memory-samples = 32, snapshot-batches = 5, snapshots = 2");
    assertEquals(List.of(), run(guarded, stream(8, 11)));
    method.collapsed = true;
    List<AdaptationEvent> events = run(guarded, stream(8, 9));
    assertEquals(1, events.size(), events.toString());
    assertEquals(AdaptationEvent.Kind.ROLLBACK, events.get(0).kind());
    assertTrue(events.get(0).reason().contains("entropy"), events.get(0).reason());
    assertTrue(method.updates >= 10, "updates: " + method.updates);
  }

  @Test
  void alarmWithoutASnapshotMakesNew() {
    Adaptation guarded = adaptation("", "memory-samples = 16, snapshot-batches = 1000");
    run(guarded, stream(8, 3));
    method.collapsed = true;
    List<AdaptationEvent> events = run(guarded, stream(8, 8));
    assertEquals(AdaptationEvent.Kind.RESET, events.get(0).kind());
  }

  @Test
  void farWeightsAreAnAlarmAndTheAnswerIsTheFrozenOne() {
    Adaptation guarded = adaptation("", "max-distance = 0.25");
    OutputBatch batch = stream(6, 1).get(0);
    method.distance = 0.3;
    method.collapsed = true;
    double[] answer = new double[6 * CLASSES];
    String reason = guarded.step(batch, answer).orElseThrow();
    assertTrue(reason.contains("0.3") && reason.contains("0.25"), reason);
    assertArrayEquals(batch.probabilities(), answer, 0.0);
  }

  @Test
  void alarmUponAlarmLeadsFurtherBack() {
    Adaptation guarded = adaptation("", "snapshot-batches = 1, snapshots = 2");
    run(guarded, stream(6, 5));
    int[] updates = new int[3];
    for (int i = 0; i < 3; i++) {
      method.distance = 9;
      run(guarded, stream(6, 1));
      updates[i] = method.updates;
    }
    assertArrayEquals(new int[] {5, 4, 0}, updates);
  }

  @Test
  void snapshotsAreSavedToo() {
    Adaptation guarded = adaptation("window = 2", "snapshot-batches = 2");
    run(guarded, stream(1, 9));
    State saved = State.of(guarded);
    run(guarded, stream(1, 3));
    State.fromBytes(saved.toBytes()).restore(guarded);
    assertEquals(saved, State.of(guarded));
  }

  @Test
  void mistakesInSharedSettingsAreReported() {
    SettingsException error =
        assertThrows(
            SettingsException.class,
            () ->
                AdaptationFactory.of(
                    "lame",
                    ConfigFactory.parseString(
                        "protocol { order = both, reset-after = 5 }, guard { memory-samples = 0 },"
                            + " of { method = lama }")));
    assertEquals(4, error.problems().size(), error.getMessage());
    assertTrue(error.getMessage().contains("adapt-then-predict"), error.getMessage());
    assertTrue(error.getMessage().contains("did you mean 'lame'"), error.getMessage());
  }

  /** TENT answers before it learns: forgetting at each batch, it would be the frozen model. */
  @Test
  void forgettingBeforeEachAnswerIsRefused() {
    SettingsException error =
        assertThrows(
            SettingsException.class,
            () ->
                AdaptationFactory.of(
                    "tent", ConfigFactory.parseString("protocol.reset = each-batch")));
    assertTrue(error.getMessage().contains("adapt-then-predict"), error.getMessage());
    AdaptationFactory.of(
        "tent",
        ConfigFactory.parseString("protocol { reset = each-batch, order = adapt-then-predict }"));
  }

  @Test
  void missingNeedsAreNamed() {
    AcclimateException noHead =
        assertThrows(
            AcclimateException.class,
            () ->
                AdaptationFactory.of("t3a", ConfigFactory.empty()).create(MethodContext.of(3, 4)));
    assertTrue(noHead.getMessage().contains("head"), noHead.getMessage());
    AcclimateException noFeatures =
        assertThrows(
            AcclimateException.class,
            () ->
                AdaptationFactory.of(
                        "label-shift-em", ConfigFactory.parseString("of.method = lame"))
                    .create(MethodContext.of(3, 0)));
    assertTrue(noFeatures.getMessage().contains("features"), noFeatures.getMessage());
  }

  /** What a method makes of the model's features is told by what sits on it too. */
  @Test
  void chainTellsTheFeaturesOfItsParts() {
    double[] features = {1, 2, 3};
    OutputCorrector inner =
        new StatelessCorrector() {
          @Override
          public void predict(OutputBatch batch, double[] probabilities) {
            throw new UnsupportedOperationException("is not asked");
          }

          @Override
          public Optional<double[]> features() {
            return Optional.of(features);
          }
        };
    assertSame(features, new ChainedCorrector(inner, new Unchanged()).features().orElseThrow());
    assertSame(features, new ChainedCorrector(new Unchanged(), inner).features().orElseThrow());
    assertTrue(new ChainedCorrector(new Unchanged(), new Unchanged()).features().isEmpty());
  }

  /** The answers of a chain are those of its parts, one after the other. */
  @Test
  void chainFeedsOneMethodWithTheOthersAnswer() {
    Adaptation chain =
        AdaptationFactory.of(
                "prior-correction",
                ConfigFactory.parseString("target = [4, 2, 1, 1], of.method = lame"))
            .create(MethodContext.of(CLASSES, 3));
    Adaptation lame =
        AdaptationFactory.of("lame", ConfigFactory.empty()).create(MethodContext.of(CLASSES, 3));
    OutputBatch batch = stream(9, 1).get(0);
    double[] answer = new double[9 * CLASSES];
    double[] expected = new double[9 * CLASSES];
    chain.step(batch, answer);
    lame.step(batch, expected);
    double[] factors = {4, 2, 1, 1};
    for (int k = 0; k < expected.length; k++) {
      expected[k] *= factors[k % CLASSES];
    }
    Rows.normalise(expected, 9, CLASSES);
    assertArrayEquals(expected, answer, 1e-12);
    assertEquals(9 * CLASSES, Arrays.stream(answer).filter(p -> p > 0).count());
  }
}

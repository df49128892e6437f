package io.acclimate.actors.cluster;

import static io.acclimate.actors.cluster.Nodes.batch;
import static io.acclimate.actors.cluster.Nodes.get;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import akka.serialization.SerializationExtension;
import com.typesafe.config.ConfigFactory;
import io.acclimate.actors.AdaptiveRuntime;
import io.acclimate.actors.AdaptiveStream;
import io.acclimate.actors.FeedbackOutcome;
import io.acclimate.actors.Prediction;
import io.acclimate.actors.RuntimeSettings;
import io.acclimate.actors.StoppedException;
import io.acclimate.actors.TroubleProvider;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.ContentHash;
import io.acclimate.runtime.FrozenModel;
import io.acclimate.runtime.Tensor;
import java.io.IOException;
import java.io.NotSerializableException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One node alone: a stream that is put away and asked again has moved, though to the same node. */
class ClusterRuntimeTest {
  private static final String METHOD = "label-shift-em";
  private static final String SMALL = "message-bytes = 32768";

  @TempDir static Path folder;
  private static FrozenModel model;
  private static ClusterRuntime node;

  @BeforeAll
  static void start() throws IOException {
    model = Nodes.model(folder);
    node =
        ClusterRuntime.start(
            model, RuntimeSettings.defaults(), Nodes.of(Nodes.settings(folder, 0, SMALL)));
  }

  @AfterAll
  static void stop() {
    node.close();
    node.close();
    model.close();
  }

  private static void move(String stream) {
    Nodes.move(node, stream);
  }

  private static AcclimateException refused(CompletionStage<?> stage) {
    CompletionException error = assertThrows(CompletionException.class, () -> get(stage));
    return assertInstanceOf(AcclimateException.class, error.getCause());
  }

  @Test
  void streamGoesOnWhereItWas() {
    try (AdaptiveRuntime alone = AdaptiveRuntime.start(model)) {
      AdaptiveStream expected = alone.stream("goes-on", METHOD);
      ClusterStream stream = node.stream("goes-on", METHOD);
      assertSame(stream, node.stream("goes-on", METHOD));
      for (int i = 0; i < 9; i++) {
        if (i % 3 == 2) {
          move("goes-on");
        }
        Prediction found = get(stream.adapt(batch(i)));
        assertArrayEquals(
            get(expected.adapt(batch(i))).probabilities(), found.probabilities(), "batch " + i);
        assertEquals("goes-on/" + i, found.predictionId());
      }
      assertEquals(node.address(), get(stream.node()));
      assertEquals(List.of(node.address()), node.nodes());
    }
  }

  @Test
  void recordIsWrittenAsOftenAsTheSettingsSay() throws IOException {
    NodeStream here = nodeStream("seldom", node.runtime(), "snapshot-every = 3");
    get(here.answer(call(1, batch(0))));
    byte[] first = Files.readAllBytes(record("seldom"));
    get(here.answer(call(2, batch(1))));
    assertArrayEquals(first, Files.readAllBytes(record("seldom")));
    get(here.answer(call(3, batch(2))));
    byte[] third = Files.readAllBytes(record("seldom"));
    assertFalse(Arrays.equals(first, third));
    get(here.answer(call(4, batch(3))));
    get(here.putAway());
    assertFalse(Arrays.equals(third, Files.readAllBytes(record("seldom"))));
    NodeStream there = nodeStream("seldom", node.runtime(), "");
    assertEquals(
        4, ((StreamReply.Predicted) get(there.answer(call(5, batch(4))))).prediction().sequence());
    there.discard();
  }

  @Test
  void frozenStreamStaysFrozen() {
    ClusterStream stream = node.stream("frozen", METHOD);
    get(stream.adapt(batch(1)));
    get(stream.freeze());
    move("frozen");
    float[] first = get(stream.adapt(batch(2))).probabilities();
    assertArrayEquals(first, get(stream.adapt(batch(2))).probabilities());
    get(stream.unfreeze());
    get(stream.adapt(batch(3)));
    assertFalse(Arrays.equals(first, get(stream.adapt(batch(2))).probabilities()));
    get(stream.reset());
  }

  @Test
  void callsAreDoneInTheirOrder() {
    ClusterStream stream = node.stream("ordered", METHOD);
    List<CompletionStage<Prediction>> answers = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      answers.add(stream.adapt(batch(i)));
    }
    for (int i = 0; i < 8; i++) {
      assertEquals(i, get(answers.get(i)).sequence());
    }
  }

  @Test
  void labelsCountUntilTheStreamMoves() {
    ClusterStream stream = node.stream("labels", METHOD);
    String early = get(stream.predict(batch(0))).predictionId();
    assertEquals(FeedbackOutcome.ACCEPTED, get(stream.feedback(early, new int[8])));
    assertEquals(FeedbackOutcome.UNKNOWN, get(stream.feedback("labels/7", new int[8])));
    move("labels");
    assertEquals(FeedbackOutcome.EXPIRED, get(stream.feedback(early, new int[8])));
    String late = get(stream.predict(batch(0))).predictionId();
    assertEquals("labels/1", late);
    assertEquals(FeedbackOutcome.ACCEPTED, get(stream.feedback(late, new int[8])));
  }

  @Test
  void badInputIsRefusedWithTheReason() {
    ClusterStream stream = node.stream("bad", METHOD);
    String shape = refused(stream.adapt(batch(0).view(0, 4, 6))).getMessage();
    assertTrue(shape.contains("stream bad"), shape);
    String method =
        assertThrows(AcclimateException.class, () -> node.stream("bad", "lame")).getMessage();
    assertTrue(method.contains("expected the method"), method);
    NodeStream here = nodeStream("other", node.runtime(), "");
    get(here.answer(call(1, batch(0))));
    get(here.putAway());
    String other = refused(node.stream("other", "frozen").adapt(batch(1))).getMessage();
    assertTrue(other.contains("expected method frozen, found " + METHOD), other);
  }

  @Test
  void messagesAreBounded() {
    ClusterStream stream = node.stream("large", METHOD);
    Tensor large = Tensor.ofFloats(new float[9000], 3000, 3);
    String message = refused(stream.adapt(large)).getMessage();
    assertTrue(message.contains("at most 32768 bytes (cluster.message-bytes)"), message);
    Tensor largeAnswer = Tensor.ofFloats(new float[3 * 1500], 1500, 3);
    message = refused(stream.adapt(largeAnswer)).getMessage();
    assertTrue(message.contains("answer: expected"), message);
    assertEquals(0, get(stream.adapt(batch(0))).sequence(), "it was not learned");
  }

  @Test
  void repeatedCallIsAnsweredButNotDoneAgain() {
    NodeStream here = nodeStream("repeated", node.runtime(), "");
    StreamCall call = call(1, batch(0));
    StreamReply first = get(here.answer(call));
    assertSame(first, get(here.answer(call)));
    get(here.putAway());
    NodeStream there = nodeStream("repeated", node.runtime(), "");
    StreamReply.Predicted moved = (StreamReply.Predicted) get(there.answer(call));
    assertEquals(0, moved.prediction().sequence());
    assertArrayEquals(
        ((StreamReply.Predicted) first).prediction().probabilities(),
        moved.prediction().probabilities());
    StreamReply.Predicted next = (StreamReply.Predicted) get(there.answer(call(2, batch(1))));
    assertEquals(1, next.prediction().sequence());
    assertInstanceOf(StreamReply.Failed.class, get(there.answer(call)));
    there.discard();
  }

  /**
   * As when a node was thought to be lost and was not: it must not write over the other's record.
   */
  @Test
  void onlyTheLatestOwnerWrites() throws IOException {
    NodeStream old = nodeStream("owned", node.runtime(), "");
    get(old.answer(call(1, batch(0))));
    try (AdaptiveRuntime elsewhere = AdaptiveRuntime.start(model)) {
      get(nodeStream("owned", elsewhere, "").answer(call(2, batch(1))));
      byte[] record = Files.readAllBytes(record("owned"));
      StreamReply refused = get(old.answer(call(3, batch(2))));
      assertTrue(
          assertInstanceOf(StreamReply.Later.class, refused).reason().contains("taken over"));
      assertArrayEquals(record, Files.readAllBytes(record("owned")));
      StreamReply.Predicted later = (StreamReply.Predicted) get(old.answer(call(3, batch(2))));
      assertEquals(2, later.prediction().sequence());
    }
    old.discard();
  }

  private static NodeStream nodeStream(String id, AdaptiveRuntime runtime, String more) {
    ClusterNode parts =
        new ClusterNode(
            "here",
            runtime,
            Nodes.of(Nodes.settings(folder, 0, more)),
            Runnable::run,
            SerializationExtension.get(node.system().classicSystem()));
    return new NodeStream(parts, id);
  }

  private static StreamCall call(long number, Tensor batch) {
    return new StreamCall(
        "caller",
        number,
        METHOD,
        "{}",
        StreamCall.Work.ADAPT,
        StreamCall.Batch.of(batch),
        null,
        null,
        null);
  }

  private static Path record(String stream) {
    String name = ContentHash.sha256(stream.getBytes(StandardCharsets.UTF_8));
    return folder.resolve("records").resolve(name + ".safetensors");
  }

  @Test
  void damagedRecordIsNamed() throws IOException {
    NodeStream here = nodeStream("damaged", node.runtime(), "");
    get(here.answer(call(1, batch(0))));
    get(here.putAway());
    byte[] bytes = Files.readAllBytes(record("damaged"));
    bytes[bytes.length - 1] ^= 1;
    Files.write(record("damaged"), bytes);
    String message = refused(node.stream("damaged", METHOD).adapt(batch(1))).getMessage();
    assertTrue(message.contains(record("damaged").toString()), message);
    get(node.closeStream("damaged"));
    assertFalse(Files.exists(record("damaged")));
    assertEquals(0, get(node.stream("damaged", METHOD).adapt(batch(1))).sequence());
  }

  /** A call that is sent again because its answer was lost must not close what came after it. */
  @Test
  void aStreamIsClosedOnce() throws IOException {
    NodeStream here = nodeStream("ended", node.runtime(), "");
    get(here.answer(call(1, batch(0))));
    StreamCall close = call(2, batch(0)).asking(StreamCall.Work.CLOSE, null, null, null);
    StreamReply.Stats figures = (StreamReply.Stats) get(here.answer(close));
    assertEquals(1, figures.stats().counts().batches());
    assertFalse(Files.exists(record("ended")));
    StreamReply.Predicted anew = (StreamReply.Predicted) get(here.answer(call(3, batch(0))));
    assertEquals(0, anew.prediction().sequence());
    assertSame(figures, get(here.answer(close)));
    assertTrue(Files.exists(record("ended")));
    here.discard();
  }

  /** Asking again would not help, so nobody waits for request-seconds. */
  @Test
  void aStoppedStreamSaysSoAtOnce() {
    ClusterStream stream = node.stream("stopped", "trouble");
    Tensor breaking = Tensor.ofFloats(new float[] {TroubleProvider.BREAK, 1, 1}, 1, 3);
    requireStopped(stream.adapt(breaking));
    requireStopped(stream.adapt(batch(0)));
    requireStopped(stream.snapshot());
    move("stopped");
    assertEquals(0, get(stream.adapt(batch(0))).sequence(), "it goes on from its record");
  }

  private static void requireStopped(CompletionStage<?> call) {
    CompletionException error = assertThrows(CompletionException.class, () -> get(call));
    StoppedException stopped = assertInstanceOf(StoppedException.class, error.getCause());
    assertTrue(stopped.getMessage().contains("stream stopped was stopped"), "" + stopped);
  }

  @Test
  void onlyMessagesAreSerialised() throws NotSerializableException {
    assertFalse(
        node.system().settings().config().getBoolean("akka.actor.allow-java-serialization"));
    var serialization = SerializationExtension.get(node.system().classicSystem());
    assertTrue(serialization.serialize(new ArrayList<>(List.of("x"))).isFailure());
    byte[] bytes = serialization.serialize(call(1, batch(0))).get();
    StreamCall back = serialization.deserialize(bytes, StreamCall.class).get();
    assertTrue(batch(0).contentEquals(back.batch().tensor()));
    assertEquals(
        "akka.serialization.jackson.JacksonCborSerializer",
        serialization.serializerFor(StreamCall.class).getClass().getName());
  }

  @Test
  void settingsHaveToFit() {
    AcclimateException error =
        assertThrows(
            AcclimateException.class,
            () -> Nodes.of("seeds = [nowhere], snapshot-every = 0, other = 1"));
    for (String part : List.of("folder", "host:port", "snapshot-every", "other")) {
      assertTrue(error.getMessage().contains(part), error.getMessage());
    }
    RuntimeSettings idle =
        RuntimeSettings.of(ConfigFactory.parseString("passivation.folder = somewhere"));
    ClusterSettings good = Nodes.of(Nodes.settings(folder, 0, ""));
    error = assertThrows(AcclimateException.class, () -> ClusterRuntime.start(model, idle, good));
    assertTrue(error.getMessage().contains("passivation.folder"), error.getMessage());
  }
}

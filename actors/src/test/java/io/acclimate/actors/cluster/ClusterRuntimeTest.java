package io.acclimate.actors.cluster;

import static io.acclimate.actors.cluster.Nodes.batch;
import static io.acclimate.actors.cluster.Nodes.get;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import akka.serialization.SerializationExtension;
import com.typesafe.config.ConfigFactory;
import io.acclimate.actors.AdaptiveRuntime;
import io.acclimate.actors.AdaptiveStream;
import io.acclimate.actors.FeedbackOutcome;
import io.acclimate.actors.Prediction;
import io.acclimate.actors.RuntimeSettings;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.FrozenModel;
import io.acclimate.runtime.Tensor;
import java.io.IOException;
import java.io.NotSerializableException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One node alone, and again. */
class ClusterRuntimeTest {
  private static final String METHOD = "label-shift-em";

  @TempDir Path folder;
  private FrozenModel model;
  private ClusterRuntime node;

  @BeforeEach
  void start() throws IOException {
    model = Nodes.model(folder);
    node = start("");
  }

  @AfterEach
  void stop() {
    node.close();
    model.close();
  }

  private ClusterRuntime start(String more) {
    return ClusterRuntime.start(
        model, RuntimeSettings.defaults(), Nodes.of(Nodes.settings(folder, 0, more)));
  }

  private void restart(String more) {
    node.close();
    node = start(more);
  }

  private static AcclimateException refused(CompletionStage<?> stage) {
    CompletionException error = assertThrows(CompletionException.class, () -> get(stage));
    return assertInstanceOf(AcclimateException.class, error.getCause());
  }

  @Test
  void streamGoesOnAfterItsNodeWasClosed() {
    try (AdaptiveRuntime alone = AdaptiveRuntime.start(model)) {
      AdaptiveStream expected = alone.stream("a", METHOD);
      for (int i = 0; i < 9; i++) {
        if (i % 3 == 2) {
          restart("snapshot-every = 4");
        }
        Prediction found = get(node.stream("a", METHOD).adapt(batch(i)));
        assertArrayEquals(
            get(expected.adapt(batch(i))).probabilities(), found.probabilities(), "batch " + i);
        assertEquals("a/" + i, found.predictionId());
      }
    }
  }

  @Test
  void frozenStreamStaysFrozen() {
    get(node.stream("a", METHOD).adapt(batch(1)));
    get(node.stream("a", METHOD).freeze());
    restart("");
    ClusterStream stream = node.stream("a", METHOD);
    float[] first = get(stream.adapt(batch(2))).probabilities();
    assertArrayEquals(first, get(stream.adapt(batch(2))).probabilities());
    get(stream.unfreeze());
    get(stream.adapt(batch(3)));
    assertFalse(Arrays.equals(first, get(stream.adapt(batch(2))).probabilities()));
    get(stream.reset());
  }

  @Test
  void callsAreDoneInTheirOrder() {
    ClusterStream stream = node.stream("a", METHOD);
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
    ClusterStream stream = node.stream("a", METHOD);
    String early = get(stream.predict(batch(0))).predictionId();
    assertEquals(FeedbackOutcome.ACCEPTED, get(stream.feedback(early, new int[8])));
    assertEquals(FeedbackOutcome.UNKNOWN, get(stream.feedback("a/7", new int[8])));
    restart("");
    stream = node.stream("a", METHOD);
    assertEquals(FeedbackOutcome.EXPIRED, get(stream.feedback(early, new int[8])));
    String late = get(stream.predict(batch(0))).predictionId();
    assertEquals("a/1", late);
    assertEquals(FeedbackOutcome.ACCEPTED, get(stream.feedback(late, new int[8])));
  }

  @Test
  void badInputIsRefusedWithTheReason() {
    String wrongShape = refused(node.stream("a", METHOD).adapt(batch(0).view(0, 4, 6))).getMessage();
    assertTrue(wrongShape.contains("stream a"), wrongShape);
    String wrongMethod =
        assertThrows(AcclimateException.class, () -> node.stream("a", "lame")).getMessage();
    assertTrue(wrongMethod.contains("expected the method"), wrongMethod);
    restart("");
    get(node.stream("b", METHOD).adapt(batch(0)));
    restart("");
    String other = refused(node.stream("b", "lame").adapt(batch(1))).getMessage();
    assertTrue(other.contains("expected method lame, found " + METHOD), other);
  }

  @Test
  void messagesAreBounded() {
    restart("message-bytes = 32768");
    ClusterStream stream = node.stream("a", METHOD);
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
    NodeStream here = nodeStream();
    StreamCall call = call(1, batch(0));
    StreamReply first = get(here.answer(call));
    StreamReply again = get(here.answer(call));
    assertEquals(first, again);
    get(here.putAway());
    NodeStream there = nodeStream();
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

  /** As when a node was thought to be lost and was not: it must not write over the other's record. */
  @Test
  void onlyTheLatestOwnerWrites() throws IOException {
    NodeStream old = nodeStream();
    get(old.answer(call(1, batch(0))));
    try (AdaptiveRuntime elsewhere = AdaptiveRuntime.start(model)) {
      get(nodeStream(elsewhere).answer(call(2, batch(1))));
      byte[] record = Files.readAllBytes(onlyRecord());
      StreamReply refused = get(old.answer(call(3, batch(2))));
      assertTrue(assertInstanceOf(StreamReply.Later.class, refused).reason().contains("taken over"));
      assertArrayEquals(record, Files.readAllBytes(onlyRecord()));
      StreamReply.Predicted later = (StreamReply.Predicted) get(old.answer(call(3, batch(2))));
      assertEquals(2, later.prediction().sequence());
    }
    old.discard();
  }

  private NodeStream nodeStream() {
    return nodeStream(node.runtime());
  }

  private NodeStream nodeStream(AdaptiveRuntime runtime) {
    ClusterNode parts =
        new ClusterNode(
            "here",
            runtime,
            Nodes.of(Nodes.settings(folder, 0, "")),
            Runnable::run,
            SerializationExtension.get(node.system().classicSystem()));
    return new NodeStream(parts, "a");
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

  private Path onlyRecord() throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve("records"))) {
      List<Path> all = files.toList();
      assertEquals(1, all.size());
      return all.get(0);
    }
  }

  @Test
  void damagedRecordIsNamed() throws IOException {
    get(node.stream("a", METHOD).adapt(batch(0)));
    node.close();
    byte[] bytes = Files.readAllBytes(onlyRecord());
    bytes[bytes.length - 1] ^= 1;
    Files.write(onlyRecord(), bytes);
    node = start("");
    String message = refused(node.stream("a", METHOD).adapt(batch(1))).getMessage();
    assertTrue(message.contains(onlyRecord().toString()), message);
  }

  @Test
  void onlyMessagesAreSerialised() throws NotSerializableException {
    assertFalse(node.system().settings().config().getBoolean("akka.actor.allow-java-serialization"));
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
    error =
        assertThrows(AcclimateException.class, () -> ClusterRuntime.start(model, idle, good));
    assertTrue(error.getMessage().contains("passivation.folder"), error.getMessage());
  }
}

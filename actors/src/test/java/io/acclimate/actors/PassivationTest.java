package io.acclimate.actors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.FrozenModel;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.testing.TinyModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.apache.commons.rng.UniformRandomProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Idle streams go to disk and come back as they were. */
class PassivationTest {
  @TempDir Path folder;
  private FrozenModel model;
  private AdaptiveRuntime runtime;
  private final List<String> heard = new CopyOnWriteArrayList<>();

  @BeforeEach
  void start() throws IOException {
    model =
        FrozenModel.open(
            TinyModels.linear(folder.resolve("tiny.onnx"), 3, 3, TinyModels.identity(3)));
    runtime = AdaptiveRuntime.start(model, idleIn("idle"));
    runtime.addListener(
        new RuntimeListener() {
          @Override
          public void passivated(String stream) {
            heard.add("passivated");
          }

          @Override
          public void revived(String stream) {
            heard.add("revived");
          }

          @Override
          public void restarted(String stream, String reason) {
            heard.add("restarted");
          }
        });
  }

  private RuntimeSettings idleIn(String name) {
    return RuntimeSettings.of(
        ConfigFactory.parseMap(Map.of("passivation.folder", folder.resolve(name).toString())));
  }

  @AfterEach
  void stop() {
    runtime.close();
    model.close();
  }

  @Test
  void revivedStreamHasTheBitsOfOneThatWasNeverIdle() throws IOException {
    AdaptiveStream idle = runtime.stream("../idle", "label-shift-em");
    AdaptiveStream busy = runtime.stream("busy", "label-shift-em");
    for (int i = 0; i < 12; i++) {
      if (i % 3 == 1) {
        idle.passivate().toCompletableFuture().join();
        idle.passivate().toCompletableFuture().join();
        assertEquals(1, files());
      }
      float[] expected = busy.adapt(batch(i)).toCompletableFuture().join().probabilities();
      float[] found = idle.adapt(batch(i)).toCompletableFuture().join().probabilities();
      assertArrayEquals(expected, found, "batch " + i);
      assertEquals(0, files(), "the state is in memory again");
    }
    assertEquals(12, idle.stats().counts().batches());
    assertEquals("passivated", heard.get(0));
    assertEquals("revived", heard.get(1));
    assertEquals(8, heard.size());
  }

  private static Tensor batch(int number) {
    UniformRandomProvider random = SeedTree.of(number).generator();
    float[] values = new float[8 * 3];
    for (int k = 0; k < values.length; k++) {
      values[k] = 3 * random.nextFloat();
    }
    return Tensor.ofFloats(values, 8, 3);
  }

  private long files() throws IOException {
    return states().size();
  }

  private List<Path> states() throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve("idle"))) {
      return files.filter(file -> file.toString().endsWith(".safetensors")).toList();
    }
  }

  /** Labels are taken in without the method, so they do not bring it back. */
  @Test
  void onlyStreamsThatAreIdleAreFound() throws IOException {
    AdaptiveStream stream = runtime.stream("a", "trouble");
    String id = stream.adapt(batch(1)).toCompletableFuture().join().predictionId();
    stream.passivateWhenIdle(Long.MAX_VALUE);
    assertEquals(FeedbackOutcome.ACCEPTED, stream.feedback(id, 0, 1).toCompletableFuture().join());
    assertEquals(0, files(), "not idle for so long");
    stream.passivateWhenIdle(0);
    stream.passivateWhenIdle(0);
    assertEquals(FeedbackOutcome.DUPLICATE, stream.feedback(id, 0, 1).toCompletableFuture().join());
    assertEquals(1, files());
    stream.adapt(batch(2)).toCompletableFuture().join();
    assertEquals(List.of("passivated", "revived"), heard);
  }

  /** A state that is gone is no reason to stop: the stream goes on as new, and says so. */
  @Test
  void lostStateIsNamedAndTheStreamGoesOn() throws IOException {
    AdaptiveStream stream = runtime.stream("a", "trouble");
    Tensor one = Tensor.ofFloats(new float[] {1, 1, 1}, 1, 3);
    stream.adapt(one).toCompletableFuture().join();
    stream.passivate().toCompletableFuture().join();
    Files.write(states().get(0), new byte[] {1, 2, 3});
    Prediction next = stream.adapt(one).toCompletableFuture().join();
    assertEquals(0.01f, next.probabilities()[0]);
    assertTrue(next.events().get(0).reason().contains("is lost"), "" + next.events());
    assertTrue(stream.stats().lastError().orElseThrow().contains("is lost"));
    assertEquals(List.of("passivated", "restarted"), heard);
  }

  /** The state on disk is the stream's, also when freeing the memory has failed. */
  @Test
  void aStateThatIsOnDiskIsNotInMemoryToo() throws IOException {
    AdaptiveStream stream = runtime.stream("a", "trouble");
    Tensor first = Tensor.ofFloats(new float[] {TroubleProvider.UNCLOSABLE, 1, 1}, 1, 3);
    stream.adapt(first).toCompletableFuture().join();
    CompletionException error =
        assertThrows(
            CompletionException.class, () -> stream.passivate().toCompletableFuture().join());
    assertTrue(error.getMessage().contains("told not to be closed"), error.getMessage());
    assertEquals(1, files());
    Prediction next = stream.adapt(batch(1)).toCompletableFuture().join();
    assertEquals(0.02f, next.probabilities()[0]);
    assertEquals(List.of("passivated", "revived"), heard);
    assertEquals(0, files());
  }

  /** The folder is gone: the stream stays in memory, with what it has learned. */
  @Test
  void aStateThatCannotBeWrittenStaysInMemory() throws IOException {
    Files.delete(folder.resolve("idle/passivation.lock"));
    Files.delete(folder.resolve("idle"));
    Files.createFile(folder.resolve("idle"));
    AdaptiveStream stream = runtime.stream("a", "trouble");
    stream.adapt(batch(1)).toCompletableFuture().join();
    stream.passivateWhenIdle(0);
    Prediction next = stream.adapt(batch(2)).toCompletableFuture().join();
    assertEquals(0.02f, next.probabilities()[0]);
    String noted = stream.stats().lastError().orElseThrow();
    assertTrue(noted.contains("stays in memory"), noted);
    assertEquals(List.of(), heard);
  }

  @Test
  void closedStreamsLeaveNoFiles() throws IOException {
    AdaptiveStream stream = runtime.stream("a", "trouble");
    runtime.stream("b", "trouble").passivate().toCompletableFuture().join();
    stream.passivate().toCompletableFuture().join();
    assertEquals(2, files());
    runtime.closeStream("a");
    runtime.close();
    assertEquals(0, files());
    assertEquals(List.of("passivated", "passivated"), heard, "closing brings nothing back");
  }

  /** Files are named by the streams' ids, so two runtimes would overwrite each other's. */
  @Test
  void theFolderIsOfOneRuntimeAtATime() {
    RuntimeSettings same = idleIn("idle");
    AcclimateException taken =
        assertThrows(AcclimateException.class, () -> AdaptiveRuntime.start(model, same));
    String process = Long.toString(ProcessHandle.current().pid());
    assertTrue(taken.getMessage().contains("only writer, found process " + process), "" + taken);
    runtime.close();
    AdaptiveRuntime.start(model, same).close();
  }

  /** As when the machine gives no more threads. */
  @Test
  void aRuntimeThatDoesNotStartGivesTheFolderBack() {
    RuntimeSettings settings = idleIn("other");
    String provider = "acclimate.actor-system.akka.actor.provider";
    System.setProperty(provider, "none.such");
    ConfigFactory.invalidateCaches();
    try {
      Exception refused =
          assertThrows(Exception.class, () -> AdaptiveRuntime.start(model, settings));
      assertTrue(refused.toString().contains("none.such"), "" + refused);
    } finally {
      System.clearProperty(provider);
      ConfigFactory.invalidateCaches();
    }
    AdaptiveRuntime.start(model, settings).close();
  }

  @Test
  void aFolderThatCannotBeMadeIsRefusedAtTheStart() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    RuntimeSettings settings = idleIn(file.getFileName() + "/idle");
    AcclimateException refused =
        assertThrows(AcclimateException.class, () -> AdaptiveRuntime.start(model, settings));
    assertTrue(refused.getMessage().contains("expected a folder to write to"), "" + refused);
  }

  @Test
  void withoutAFolderStreamsStayInMemory() {
    try (AdaptiveRuntime other = AdaptiveRuntime.start(model)) {
      AdaptiveStream stream = other.stream("a", "trouble");
      CompletionException error =
          assertThrows(
              CompletionException.class, () -> stream.passivate().toCompletableFuture().join());
      assertTrue(error.getMessage().contains("passivation.folder"), error.getMessage());
    }
  }
}
